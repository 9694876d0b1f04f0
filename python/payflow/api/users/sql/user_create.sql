-- $1 e-mail, $2 name, $3 role, $4 now, $5 hash of the password or null
INSERT INTO users (email, name, role, created_at, updated_at, password_hash, password_changed_at)
VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz, $5, CASE WHEN $5::text IS NOT NULL THEN $4::timestamptz END)
ON CONFLICT (email) DO NOTHING
RETURNING user_id
