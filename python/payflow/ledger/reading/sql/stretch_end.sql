-- Where a stretch of payments ends that begins at $1 and has about $2 rows of the trail; nothing when it is the last.
SELECT payment_id
FROM audit_logs
WHERE payment_id >= $1
ORDER BY payment_id
OFFSET $2
LIMIT 1
