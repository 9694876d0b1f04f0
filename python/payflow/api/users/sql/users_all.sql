SELECT
    account.user_id, account.email, account.name, account.role, account.version, account.created_at,
    account.last_sign_in_at, {status} AS status
FROM users AS account
ORDER BY account.email
