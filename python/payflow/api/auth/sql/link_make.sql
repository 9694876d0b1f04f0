-- A link replaces the ones before it.
-- $1 hash of the token, $2 user, $3 purpose, $4 who made it, $5 now, $6 expiry
WITH replaced AS (
    UPDATE one_time_links SET used_at = $5 WHERE user_id = $2 AND used_at IS NULL
)
INSERT INTO one_time_links (token_hash, user_id, purpose, created_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
