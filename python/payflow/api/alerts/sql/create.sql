-- An alert made by hand; its merchant is the payment's. $1: severity; $2: title; $3: description; $4: payment;
-- $5: correlation id; $6: now.
INSERT INTO alerts (severity, title, description, payment_id, merchant_id, correlation_id, created_at)
VALUES ($1, $2, $3, $4, (SELECT merchant_id FROM payment_transactions WHERE payment_id = $4), $5, $6)
RETURNING alert_id
