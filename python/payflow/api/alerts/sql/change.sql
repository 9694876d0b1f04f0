-- Gives a locked alert its next state. $1: id; $2: now; $3: status; $4: assignee; $5: snoozed until; $6: outcome;
-- $7: note.
UPDATE alerts
SET
    status = $3,
    assignee_id = $4,
    snoozed_until = $5,
    outcome = $6,
    note = $7,
    resolved_at = CASE WHEN $3 = 'resolved' THEN coalesce(resolved_at, $2) END,
    updated_at = $2,
    version = version + 1
WHERE alert_id = $1
