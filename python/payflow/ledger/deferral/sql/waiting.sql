-- How many wait, and since when the oldest is overdue. $1: queue; $2: now.
SELECT
    count(*) AS messages,
    count(*) FILTER (WHERE due_at <= $2) AS overdue,
    min(due_at) AS next_due_at
FROM deferred_messages
WHERE queue = $1
