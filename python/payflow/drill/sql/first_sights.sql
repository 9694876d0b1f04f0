-- Each event that the trail has.
SELECT payment_id, source, event_id
FROM audit_logs
WHERE occurrence = 0 AND starts_with(md5(payment_id), $1)
