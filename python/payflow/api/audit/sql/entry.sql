SELECT
-- include columns
FROM audit_logs AS a
WHERE a.audit_id = :audit_id
