-- The provider's references that command $2 on payment $1 acts on, the latest first, as JSON.
SELECT json_agg(json_build_object('operation_id', operation_id, 'amount_minor', amount_minor))::text
FROM (
    SELECT operation_id, amount_minor
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
