-- Facts whose deadline has passed at $1, the most overdue first; $2: how many.
SELECT payment_id, source, event_id
FROM parked_events
WHERE deadline_at <= $1
ORDER BY deadline_at
LIMIT $2
