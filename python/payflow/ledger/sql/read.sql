-- What the machine needs to know of the locked payments. A statement of its own, after the lock: at READ
-- COMMITTED it sees all that was committed before the lock was granted.
-- The LATERAL with its LIMIT can't be planned the other way round, so that an event costs one look-up whatever
-- the statistics say; on a just migrated database they say that the trail is empty, and a plan outlives that.
-- $1: payment ids; $2, $3, $4: payment id, source and event id of each event of the batch.
WITH operations AS MATERIALIZED (
    SELECT payment_id, source, kind, operation_id, parent_id, rank, amount_minor, occurred_at, reason
    FROM payment_operations
    WHERE payment_id = ANY ($1::text::text[])
),
seen AS MATERIALIZED (
    SELECT e.payment_id, e.source, e.event_id, a.fingerprint
    FROM unnest($2::text::text[], $3::text::text[], $4::text::text[]) AS e (payment_id, source, event_id)
    CROSS JOIN LATERAL (
        SELECT fingerprint
        FROM audit_logs
        WHERE
            (payment_id, source, event_id) = (e.payment_id, e.source, e.event_id)
            AND occurrence = 0
        LIMIT 1
    ) AS a
),
parked AS MATERIALIZED (
    SELECT *
    FROM parked_events
    WHERE payment_id = ANY ($1::text::text[])
    ORDER BY payment_id, parked_at, source, event_id
)
SELECT *
FROM
    (SELECT
        array_send(array_agg(payment_id)),
        array_send(array_agg(source)),
        array_send(array_agg(kind)),
        array_send(array_agg(operation_id)),
        array_send(array_agg(parent_id)),
        array_send(array_agg(rank)),
        array_send(array_agg(amount_minor)),
        array_send(array_agg(occurred_at)),
        array_send(array_agg(reason))
    FROM operations) AS o (
        operation_payment_id, operation_source, operation_kind, operation_id, operation_parent_id,
        operation_rank, operation_amount_minor, operation_occurred_at, operation_reason),
    (SELECT
        array_send(array_agg(payment_id)),
        array_send(array_agg(source)),
        array_send(array_agg(event_id)),
        array_send(array_agg(fingerprint))
    FROM seen) AS s (seen_payment_id, seen_source, seen_event_id, seen_fingerprint),
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
        array_send(array_agg(exponent)),
        array_send(array_agg(occurred_at)),
        array_send(array_agg(reason)),
        array_send(array_agg(dispute_stage)),
        array_send(array_agg(dispute_status)),
        array_send(array_agg(correlation_id)),
        array_send(array_agg(fingerprint))
    FROM parked) AS p (
        parked_payment_id, parked_source, parked_event_id, parked_kind, parked_operation_id, parked_parent_id,
        parked_merchant_id, parked_amount_minor, parked_currency, parked_exponent, parked_occurred_at,
        parked_reason, parked_dispute_stage, parked_dispute_status, parked_correlation_id, parked_fingerprint)
