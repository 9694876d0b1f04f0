-- All who can administer, locked: two who take the right from each other at once must not both succeed.
SELECT user_id FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY user_id FOR UPDATE
