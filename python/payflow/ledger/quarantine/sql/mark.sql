-- Gives dead letters $1 the status $2, and records who did it. $3: who; $4: when; $5: note; $6: the action.
-- A letter that is discarded already stays as it is when it is discarded again.
WITH marked AS (
    UPDATE dead_letters
    SET status = $2, status_by = $3, status_at = $4, status_note = $5
    WHERE dead_letter_id = ANY ($1::bigint[]) AND NOT (status = 'discarded' AND $2 = 'discarded')
    RETURNING dead_letter_id, payment_id, source, event_id
)
INSERT INTO operator_actions (action, dead_letter_id, payment_id, source, event_id, actor, note, recorded_at)
SELECT $6, dead_letter_id, payment_id, source, event_id, $3, $5, $4
FROM marked
ORDER BY dead_letter_id
RETURNING dead_letter_id
