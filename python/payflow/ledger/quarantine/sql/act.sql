INSERT INTO operator_actions (action, payment_id, source, event_id, actor, note, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
