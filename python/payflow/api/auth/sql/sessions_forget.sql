-- Sessions and links that ended long ago.
-- $1 before when, $2 most rows at once
WITH old_links AS (
    DELETE FROM one_time_links
    WHERE token_hash IN (SELECT token_hash FROM one_time_links WHERE expires_at < $1 LIMIT $2)
)
DELETE FROM sessions
WHERE session_id IN (SELECT session_id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
