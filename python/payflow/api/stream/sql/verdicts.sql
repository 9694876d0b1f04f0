-- Deliveries by verdict.
SELECT verdict, count(*) AS deliveries FROM audit_logs
WHERE audit_id > $1 AND audit_id <= $2 AND subject_kind IS NULL
GROUP BY verdict
