-- Gives dead letters $1 the status $2, and records who did it. $3: who; $4: when; $5: note; $6: the action.
-- A letter that is discarded already stays as it is when it is discarded again.
WITH marked AS (
    UPDATE dead_letters
    SET status = $2, status_by = $3, status_at = $4, status_note = $5
    WHERE dead_letter_id = ANY ($1::bigint[]) AND NOT (status = 'discarded' AND $2 = 'discarded')
    RETURNING dead_letter_id, payment_id, source, event_id
)
INSERT INTO audit_logs (
    audit_id, payment_id, source, event_id, occurrence, action, actor, recorded_at, subject_kind, subject_id, note)
OVERRIDING SYSTEM VALUE
SELECT
    audit_id, payment_id, source, event_id, audit_id, $6, $3, $4, 'dead_letter', dead_letter_id::text, nullif($5, '')
FROM (
    SELECT nextval('audit_logs_audit_id_seq') AS audit_id, ordered.*
    FROM (SELECT * FROM marked ORDER BY dead_letter_id) AS ordered
) AS numbered
RETURNING subject_id
