-- $1 provider, $2 subject
SELECT account.user_id, account.email, account.name, account.role, account.preferences, account.disabled_at
FROM user_identities AS identity
JOIN users AS account USING (user_id)
WHERE identity.provider = $1 AND identity.subject = $2
