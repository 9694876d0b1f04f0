-- How many alerts the filters match, up to a bound.
SELECT count(*)
FROM (
    SELECT
    FROM alerts AS l
    WHERE
-- include chosen
    LIMIT :count_max
) AS counted
