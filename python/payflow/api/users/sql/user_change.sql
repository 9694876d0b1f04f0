-- $1 user, $2 role, $3 name, $4 disabled or not, $5 now
UPDATE users SET
    role = $2, name = $3, updated_at = $5, version = version + 1,
    disabled_at = CASE WHEN $4::boolean THEN coalesce(disabled_at, $5) END
WHERE user_id = $1
