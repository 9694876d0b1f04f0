-- A page of users: every column of the order runs the same way, so that one comparison of rows finds the place.
-- $1 role or null, $2 status or null, $3 part of e-mail or name or null, $4 position's value, $5 position's id,
-- $6 most rows
SELECT
    account.user_id, account.email, account.name, account.role, account.version, account.created_at,
    account.last_sign_in_at, {status} AS status
FROM users AS account
WHERE ($1::text IS NULL OR account.role = $1)
    AND ($2::text IS NULL OR {status} = $2)
    AND ($3::text IS NULL OR strpos(account.email, lower($3)) > 0 OR strpos(lower(account.name), lower($3)) > 0)
    AND ($5::uuid IS NULL OR ({column}, account.user_id) {after} ($4::{kind}, $5))
ORDER BY {column} {way}, account.user_id {way}
LIMIT $6
