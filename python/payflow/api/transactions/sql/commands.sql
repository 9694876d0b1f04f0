-- What was asked of payment $1, the latest first; $2 at most. What became of it is the state of its operation.
SELECT
    c.command_id, c.command AS kind, c.payment_id, c.operation_id, c.amount_minor,
    CASE
        WHEN o.state IN ('succeeded', 'failed', 'unknown') THEN o.state
        WHEN o.state = 'pending' OR c.sent_at IS NOT NULL THEN 'sent'
        ELSE 'requested'
    END AS state,
    c.reason, c.requested_by, c.requested_at, greatest(c.requested_at, c.sent_at, o.recorded_at) AS updated_at
FROM commands AS c
LEFT JOIN payment_operations AS o
    ON (o.payment_id, o.source, o.kind, o.operation_id) = (c.payment_id, c.source, c.kind, c.operation_id)
WHERE c.payment_id = $1
ORDER BY c.command_id DESC
LIMIT $2
