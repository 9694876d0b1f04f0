-- Takes messages in, or puts off again those that are here. $1: queue; $2: now; $3: worker; $4 to $16: columns.
INSERT INTO deferred_messages AS d (
    queue, message_id, cause, reason, error, attempts, receives, first_sent_at, deferred_at, due_at, deferred_by,
    payment_id, source, event_id, correlation_id, body)
SELECT
    $1, message_id, cause, reason, error, attempts, receives,
    timestamptz 'epoch' + sent_at_ms * interval '1 millisecond', $2::timestamptz,
    $2::timestamptz + delay_s * interval '1 second', $3,
    payment_id, source, event_id, correlation_id, body
FROM unnest(
    $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[], $10::bigint[], $11::integer[],
    $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[]
) AS n (
    message_id, cause, reason, error, attempts, receives, sent_at_ms, delay_s, payment_id, source, event_id,
    correlation_id, body)
-- In one order for all workers, or two that have the same messages would each wait for a row of the other.
ORDER BY message_id
ON CONFLICT ON CONSTRAINT deferred_once DO UPDATE SET
    revision = d.revision + 1,
    cause = excluded.cause,
    reason = excluded.reason,
    error = excluded.error,
    attempts = greatest(d.attempts, excluded.attempts),
    receives = greatest(d.receives, excluded.receives),
    deferred_at = excluded.deferred_at,
    due_at = excluded.due_at,
    deferred_by = excluded.deferred_by
