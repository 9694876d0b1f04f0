-- Use a link up: of two at once, one gets the row.
-- $1 hash of the token, $2 now
UPDATE one_time_links AS link SET used_at = $2
FROM users AS account
WHERE link.token_hash = $1 AND link.used_at IS NULL AND link.expires_at > $2
    AND account.user_id = link.user_id AND account.disabled_at IS NULL
RETURNING link.user_id, link.purpose, account.email
