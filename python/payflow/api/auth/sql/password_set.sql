-- $1 user, $2 hash, $3 now
UPDATE users SET password_hash = $2, password_changed_at = $3, updated_at = $3, version = version + 1
WHERE user_id = $1
