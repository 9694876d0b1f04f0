-- $1 user, $2 now, $3 most rows
SELECT session_id, signed_in_by, address, user_agent, created_at, rotated_at, expires_at
FROM sessions
WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
ORDER BY rotated_at DESC, session_id
LIMIT $3
