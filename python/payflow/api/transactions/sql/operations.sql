SELECT
    source, kind, operation_id, parent_id, state, rank, amount_minor, reason, occurred_at, recorded_at
FROM payment_operations
WHERE payment_id = $1
ORDER BY occurred_at DESC, source DESC, kind DESC, operation_id DESC
LIMIT $2
