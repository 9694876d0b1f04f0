SELECT rule_id::text AS rule_id, name, version, condition, severity, description, enabled
FROM rules
WHERE rule_id = $1
