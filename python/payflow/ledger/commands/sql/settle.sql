-- What became of sends. $1: now; then command id, when to try again (null: it was sent) and the error of each.
UPDATE commands AS c
SET
    attempts = c.attempts + 1,
    send_at = s.send_at,
    sent_at = CASE WHEN s.send_at IS NULL THEN $1 ELSE c.sent_at END,
    last_error = s.error
FROM unnest($2::text[], $3::timestamptz[], $4::text[]) AS s (command_id, send_at, error)
WHERE c.command_id = s.command_id
