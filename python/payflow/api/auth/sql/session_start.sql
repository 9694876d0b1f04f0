-- $1 user, $2 salt, $3 now, $4 expiry, $5 what signed them in, $6 address, $7 user agent
WITH seen AS (
    UPDATE users SET last_sign_in_at = $3 WHERE user_id = $1
)
INSERT INTO sessions (user_id, salt, rotated_at, created_at, expires_at, signed_in_by, address, user_agent)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7)
RETURNING session_id
