SELECT
    dead_letter_id, class AS klass, reason, path, rule, source, event_id, message_id, receive_count, recorded_at,
    count(*) OVER () AS total
FROM dead_letters
WHERE payment_id = $1
ORDER BY dead_letter_id DESC
LIMIT $2
