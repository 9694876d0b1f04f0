-- $1 role or null, $2 status or null, $3 part of e-mail or name or null, $4 where counting stops
SELECT count(*) FROM (
    SELECT FROM users AS account
    WHERE ($1::text IS NULL OR account.role = $1)
        AND ($2::text IS NULL OR {status} = $2)
        AND ($3::text IS NULL OR strpos(account.email, lower($3)) > 0 OR strpos(lower(account.name), lower($3)) > 0)
    LIMIT $4
) AS counted
