-- $1 hash of the token, $2 now
SELECT link.user_id, link.purpose, account.email
FROM one_time_links AS link
JOIN users AS account USING (user_id)
WHERE link.token_hash = $1 AND link.used_at IS NULL AND link.expires_at > $2 AND account.disabled_at IS NULL
