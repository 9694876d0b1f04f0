-- One row of the trail for what an operator did. $1: action; $2: who; $3, $4: subject; $5: payment; $6: note;
-- $7: details; $8: correlation id; $9: now.
INSERT INTO audit_logs (
    audit_id, payment_id, occurrence, action, actor, correlation_id, recorded_at, subject_kind, subject_id, note,
    details)
OVERRIDING SYSTEM VALUE
SELECT n.audit_id, $5, n.audit_id, $1, $2, $8, $9, $3, $4, $6, $7::jsonb
FROM nextval('audit_logs_audit_id_seq') AS n (audit_id)
RETURNING audit_id
