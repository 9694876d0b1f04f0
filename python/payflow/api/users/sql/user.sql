-- $1 user
SELECT
    account.user_id, account.email, account.name, account.role, account.version, account.created_at,
    account.last_sign_in_at, account.preferences, {status} AS status
FROM users AS account
WHERE account.user_id = $1
