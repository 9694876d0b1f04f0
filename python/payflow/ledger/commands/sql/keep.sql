-- A command for the outbox, in the transaction that took its hold. $1: command id; $2: payment; $3: command; $4: source;
-- $5: operation id; $6: amount; $7: reason; $8: who; $9: correlation id; $10: now; $11: message; $12: answer by.
INSERT INTO commands (
    command_id, payment_id, command, source, kind, operation_id, amount_minor, reason, requested_by, correlation_id,
    requested_at, send_at, message, answer_by)
VALUES (
    $1, $2, $3, $4,
    CASE $3 WHEN 'void' THEN 'release' WHEN 'cancel' THEN 'cancellation' ELSE $3 END,
    $5, $6, $7, $8, $9, $10, $10, $11, $12)
