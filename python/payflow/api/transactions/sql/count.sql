SELECT count(*)
FROM (
    SELECT
    FROM payment_transactions AS t
    WHERE
-- include chosen
    LIMIT :count_max
) AS counted
