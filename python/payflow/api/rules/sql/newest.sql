-- The newest version of a name, retired or not.
SELECT rule_id, name, version, condition, severity, description, enabled, retired_at
FROM rules
WHERE name = $1
ORDER BY version DESC
LIMIT 1
