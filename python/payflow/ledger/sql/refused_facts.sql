-- Parked facts that turned out to contradict their payment become dead letters, with the payload of their first
-- sight. $1: now; then class, reason, payment id, source, event id and correlation id of each.
INSERT INTO dead_letters (
    class, reason, payment_id, source, event_id, correlation_id, message_id, receive_count, sent_at, recorded_at, body)
SELECT
    f.class, f.reason, f.payment_id, f.source, f.event_id, f.correlation_id, 'parked:' || a.audit_id, 0,
    a.recorded_at, $1, convert_to(a.payload, 'UTF8')
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS f (
    class, reason, payment_id, source, event_id, correlation_id)
CROSS JOIN LATERAL (
    SELECT audit_id, recorded_at, payload
    FROM audit_logs
    WHERE
        (payment_id, source, event_id) = (f.payment_id, f.source, f.event_id)
        AND occurrence = 0
    LIMIT 1
) AS a
ORDER BY a.audit_id
ON CONFLICT (message_id) DO NOTHING
