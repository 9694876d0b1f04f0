-- One page, the next due first. $1: queue; $2, $3: behind this time and id, or null; $4: how many.
SELECT
    deferred_id, message_id, cause, reason, error, attempts, receives, first_sent_at, deferred_at, due_at,
    deferred_by, payment_id, source, event_id, correlation_id, octet_length(body) AS body_bytes
FROM deferred_messages
WHERE queue = $1 AND ($2::timestamptz IS NULL OR (due_at, deferred_id) > ($2::timestamptz, $3::bigint))
ORDER BY due_at, deferred_id
LIMIT $4
