-- What an operator did to a parked fact. $1: action; $2, $3, $4: payment, source and event id; $5: who; $6: note; $7: now.
INSERT INTO audit_logs (
    audit_id, payment_id, source, event_id, occurrence, action, actor, recorded_at, subject_kind, subject_id, note)
OVERRIDING SYSTEM VALUE
SELECT n.audit_id, $2, $3, $4, n.audit_id, $1, $5, $7, 'parked_fact', concat_ws('/', $2::text, $3::text, $4::text), $6
FROM nextval('audit_logs_audit_id_seq') AS n (audit_id)
