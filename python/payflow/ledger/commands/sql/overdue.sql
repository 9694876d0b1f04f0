-- Commands of which an answer was due by now ($1); $2 at most.
SELECT command_id, payment_id, command, source, kind, operation_id, amount_minor, correlation_id
FROM commands
WHERE answer_by <= $1
ORDER BY answer_by, command_id
LIMIT $2
