SELECT
    audit_id, action, actor, subject_kind, subject_id, payment_id, source, event_id, verdict, reason, from_status,
    to_status, version, correlation_id, note, details, occurred_at, recorded_at
FROM audit_logs
WHERE subject_kind = 'dead_letter' AND subject_id = $1
ORDER BY audit_id DESC
LIMIT 100
