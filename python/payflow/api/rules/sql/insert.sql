INSERT INTO rules (name, version, condition, severity, description, enabled, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
