-- What a session may do at this moment.
-- $1 session
SELECT
    session.access_version, session.expires_at, session.revoked_at, session.user_id,
    account.role, account.email, account.name, account.disabled_at
FROM sessions AS session
JOIN users AS account USING (user_id)
WHERE session.session_id = $1
