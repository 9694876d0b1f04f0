SELECT name
FROM users
WHERE user_id = $1::uuid AND disabled_at IS NULL AND role <> 'read_only'
