-- The provider's references that command $2 on payment $1 acts on, the latest first.
SELECT array_agg(operation_id ORDER BY occurred_at DESC, operation_id DESC)
FROM (
    SELECT operation_id, occurred_at
    FROM payment_operations
    WHERE
        payment_id = $1
        AND CASE $2
            WHEN 'refund' THEN kind = 'capture' AND state = 'succeeded'
            WHEN 'cancel' THEN kind = 'authorization' AND state IN ('requested', 'pending', 'unknown')
            ELSE kind = 'authorization' AND state = 'succeeded'
        END
    ORDER BY occurred_at DESC, operation_id DESC
    LIMIT 50
) AS latest
