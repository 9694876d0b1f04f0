SELECT state
FROM payment_operations
WHERE (payment_id, source, kind, operation_id) = ($1, $2, $3, $4)
