-- What the tables hold of the payments from $1 to $2, both included: 20 columns of payments, 10 of operations, 10 of
-- parked facts, each a binary array.
SELECT p.*, o.*, f.*
FROM
    (SELECT
        array_send(array_agg(payment_id)),
        array_send(array_agg(merchant_id)),
        array_send(array_agg(source)),
        array_send(array_agg(currency)),
        array_send(array_agg(exponent)),
        array_send(array_agg(authorized_minor)),
        array_send(array_agg(released_minor)),
        array_send(array_agg(captured_minor)),
        array_send(array_agg(capture_failed_minor)),
        array_send(array_agg(refunded_minor)),
        array_send(array_agg(disputed_minor)),
        array_send(array_agg(capture_pending_minor)),
        array_send(array_agg(refund_pending_minor)),
        array_send(array_agg(release_pending_minor)),
        array_send(array_agg(overcapture_allowance_minor)),
        array_send(array_agg(amount_minor)),
        array_send(array_agg(status)),
        array_send(array_agg(dispute_status)),
        array_send(array_agg(version)),
        array_send(array_agg(metadata))
    FROM payment_transactions
    WHERE payment_id BETWEEN $1 AND $2) AS p,
    (SELECT
        array_send(array_agg(payment_id)),
        array_send(array_agg(source)),
        array_send(array_agg(kind)),
        array_send(array_agg(operation_id)),
        array_send(array_agg(parent_id)),
        array_send(array_agg(rank)),
        array_send(array_agg(state)),
        array_send(array_agg(amount_minor)),
        array_send(array_agg(occurred_at)),
        array_send(array_agg(reason))
    FROM (
        SELECT *
        FROM payment_operations
        WHERE payment_id BETWEEN $1 AND $2
        ORDER BY payment_id, source, kind, operation_id
    ) AS operations) AS o,
    (SELECT
        array_send(array_agg(payment_id)),
        array_send(array_agg(source)),
        array_send(array_agg(event_id)),
        array_send(array_agg(kind)),
        array_send(array_agg(operation_id)),
        array_send(array_agg(parent_id)),
        array_send(array_agg(merchant_id)),
        array_send(array_agg(amount_minor)),
        array_send(array_agg(currency)),
        array_send(array_agg(waits_for))
    FROM (
        SELECT *
        FROM parked_events
        WHERE payment_id BETWEEN $1 AND $2
        ORDER BY payment_id, source, event_id
    ) AS parked) AS f
