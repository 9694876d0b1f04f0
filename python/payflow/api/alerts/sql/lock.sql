-- Holds one alert for a change; nobody else changes it meanwhile.
SELECT
    alert_id, version, payment_id, assignee_id, outcome, note, snoozed_until,
    CASE WHEN status = 'snoozed' AND snoozed_until <= $2 THEN 'open' ELSE status END AS status
FROM alerts
WHERE alert_id = $1 AND deleted_at IS NULL
FOR UPDATE
