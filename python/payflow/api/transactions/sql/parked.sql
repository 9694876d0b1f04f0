SELECT
    payment_id, source, event_id, kind AS type, operation_id, amount_minor, waits_for AS reason, occurred_at, parked_at,
    deadline_at
FROM parked_events
WHERE payment_id = $1
ORDER BY parked_at DESC, source DESC, event_id DESC
LIMIT $2
