-- One session, locked, with its account.
-- $1 session
SELECT
    session.session_id, session.user_id, session.generation, session.salt, session.rotated_at,
    session.created_at, session.expires_at, session.revoked_at, session.address,
    account.disabled_at, account.email, account.name, account.role, account.preferences
FROM sessions AS session
JOIN users AS account USING (user_id)
WHERE session.session_id = $1
FOR NO KEY UPDATE OF session
