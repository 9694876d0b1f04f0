-- The same password under today's parameters, unless it was changed meanwhile.
-- $1 user, $2 new hash, $3 old hash
UPDATE users SET password_hash = $2 WHERE user_id = $1 AND password_hash = $3
