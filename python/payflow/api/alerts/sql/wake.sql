-- Wakes alerts whose snooze is over at $1, at most $2. What they read as does not change, so neither does the version.
WITH due AS (
    SELECT alert_id
    FROM alerts
    WHERE status = 'snoozed' AND snoozed_until <= $1
    ORDER BY snoozed_until
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
UPDATE alerts AS l
SET status = 'open', snoozed_until = NULL, updated_at = $1
FROM due
WHERE l.alert_id = due.alert_id
RETURNING l.alert_id, l.payment_id, l.deleted_at
