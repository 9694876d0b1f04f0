-- What came into the trail behind $1; $2: how many rows.
SELECT payment_id, source, event_id, subject_kind, subject_id, verdict
FROM audit_logs
WHERE audit_id > $1
ORDER BY audit_id
LIMIT $2
