-- Facts that wait.
SELECT payment_id, source, event_id
FROM parked_events
WHERE starts_with(md5(payment_id), $1)
