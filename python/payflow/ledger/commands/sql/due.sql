-- Commands to send by now ($1), those that wait longest first; $2 at most.
SELECT command_id, message, attempts
FROM commands
WHERE send_at <= $1
ORDER BY send_at, command_id
LIMIT $2
