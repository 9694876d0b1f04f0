SELECT
-- include rows
FROM payment_transactions AS t
WHERE t.payment_id = :payment_id
