SELECT dead_letter_id::text AS dead_letter_id, class AS verdict, reason, status, source, event_id, recorded_at
FROM dead_letters
WHERE payment_id = $1
ORDER BY dead_letter_id DESC
LIMIT $2
