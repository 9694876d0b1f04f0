-- How many dead letters match, up to a bound. $1 to $9: the filter; $10: the bound.
SELECT count(*)
FROM (
    SELECT
    FROM dead_letters
    WHERE
{selected}
    LIMIT $10
) AS counted
