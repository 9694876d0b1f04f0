-- Locks the payments of a batch in one order for all workers. $1: their ids, sorted bytewise.
-- array_send hands each column over as PostgreSQL's binary array, which Rust reads without a Python object.
WITH locked AS MATERIALIZED (
    SELECT *
    FROM payment_transactions
    WHERE payment_id = ANY ($1::text::text[])
    ORDER BY payment_id
    FOR UPDATE
)
SELECT
    array_send(array_agg(payment_id)) AS payment_id,
    array_send(array_agg(merchant_id)) AS merchant_id,
    array_send(array_agg(currency)) AS currency,
    array_send(array_agg(exponent)) AS exponent,
    array_send(array_agg(authorized_minor)) AS authorized_minor,
    array_send(array_agg(released_minor)) AS released_minor,
    array_send(array_agg(captured_minor)) AS captured_minor,
    array_send(array_agg(capture_failed_minor)) AS capture_failed_minor,
    array_send(array_agg(refunded_minor)) AS refunded_minor,
    array_send(array_agg(disputed_minor)) AS disputed_minor,
    array_send(array_agg(capture_pending_minor)) AS capture_pending_minor,
    array_send(array_agg(refund_pending_minor)) AS refund_pending_minor,
    array_send(array_agg(release_pending_minor)) AS release_pending_minor,
    array_send(array_agg(overcapture_allowance_minor)) AS overcapture_allowance_minor,
    array_send(array_agg(status)) AS status,
    array_send(array_agg(dispute_status)) AS dispute_status,
    array_send(array_agg(version)) AS version
FROM locked
