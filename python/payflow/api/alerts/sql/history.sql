SELECT audit_id, action, actor, note, details, recorded_at
FROM audit_logs
WHERE subject_kind = 'alert' AND subject_id = $1
ORDER BY audit_id DESC
LIMIT 200
