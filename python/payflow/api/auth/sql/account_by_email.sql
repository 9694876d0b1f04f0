-- $1 e-mail
SELECT user_id, email, name, role, preferences, password_hash, disabled_at FROM users WHERE email = $1
