-- Everything that was dead-lettered.
SELECT class, reason, message_id, body
FROM dead_letters
