-- Dead letters, the oldest first, ahead of $10. $1 to $9: the filter; $11: how many.
SELECT
    dead_letter_id, class AS klass, reason, path, rule, payment_id, source, event_id, correlation_id, message_id,
    receive_count, sent_at, recorded_at, octet_length(body) AS body_bytes, status, status_by, status_at, status_note
FROM dead_letters
WHERE
    dead_letter_id > $10
    AND
{selected}
ORDER BY dead_letter_id
LIMIT $11
