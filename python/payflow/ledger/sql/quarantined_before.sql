-- Which of these messages were quarantined before, and are still open. $1: message ids.
SELECT message_id, class, reason, path
FROM dead_letters
WHERE message_id = ANY ($1::text[]) AND status = 'open' AND class IN ('conflict', 'impossible')
