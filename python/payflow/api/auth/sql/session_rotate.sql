-- $1 session, $2 now, $3 expiry
UPDATE sessions SET generation = generation + 1, rotated_at = $2, expires_at = $3
WHERE session_id = $1
RETURNING generation
