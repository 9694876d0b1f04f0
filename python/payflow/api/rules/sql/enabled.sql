-- What is in force, without one name.
SELECT rule_id, name, version, severity, condition
FROM rules
WHERE enabled AND name <> $1
ORDER BY rule_id
