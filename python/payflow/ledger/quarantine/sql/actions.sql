SELECT action, actor, coalesce(note, '') AS note, recorded_at, details
FROM audit_logs
WHERE subject_kind = 'dead_letter' AND subject_id = $1::bigint::text
ORDER BY audit_id DESC
LIMIT $2
