-- Deliveries of events that were in the books already. Where no message is sent twice, each is a message that was
-- finished and came again.
SELECT count(*)
FROM audit_logs
WHERE verdict = 'duplicate'
