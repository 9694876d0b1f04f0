SELECT
    dead_letter_id, class AS klass, reason, path, rule, payment_id, source, event_id, correlation_id, message_id,
    receive_count, sent_at, recorded_at, octet_length(body) AS body_bytes, status, status_by, status_at, status_note,
    body
FROM dead_letters
WHERE dead_letter_id = $1
