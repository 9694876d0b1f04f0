-- One page of payments.
SELECT
-- include rows
FROM payment_transactions AS t
WHERE
-- include chosen
-- include behind
ORDER BY
-- include order
LIMIT :limit
