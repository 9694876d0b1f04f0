-- $1 user, $2 preferences
UPDATE users SET preferences = $2::jsonb WHERE user_id = $1
