-- Link an identity to the account with its e-mail. An account that has another identity of the provider keeps that.
-- $1 provider, $2 subject, $3 e-mail, $4 now
WITH linked AS (
    INSERT INTO user_identities (provider, subject, user_id, email, linked_at)
    SELECT $1, $2, user_id, $3, $4 FROM users WHERE email = $3 AND disabled_at IS NULL
    ON CONFLICT DO NOTHING
    RETURNING user_id
)
SELECT account.user_id, account.email, account.name, account.role, account.preferences, account.disabled_at
FROM linked
JOIN users AS account USING (user_id)
