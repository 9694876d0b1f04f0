-- $1 user, $2 name, $3 now
UPDATE users SET name = $2, updated_at = $3, version = version + 1 WHERE user_id = $1
