-- $1: id; $2: now.
UPDATE alerts
SET deleted_at = $2, updated_at = $2, version = version + 1
WHERE alert_id = $1
