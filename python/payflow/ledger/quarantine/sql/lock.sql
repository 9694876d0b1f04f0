-- Locks payments in the order of all workers, and tells how they stand.
SELECT *
FROM payment_transactions
WHERE payment_id = ANY ($1::text[])
ORDER BY payment_id
FOR UPDATE
