-- Payments as they are now: those of $1, and those of $2 that belong to the merchants $3.
SELECT
    payment_id, merchant_id, status, dispute_status, version + edits AS version, amount_minor, captured_minor,
    refunded_minor, currency, exponent::integer AS exponent, updated_at
FROM payment_transactions
WHERE payment_id = ANY ($1::text[]) OR (payment_id = ANY ($2::text[]) AND merchant_id = ANY ($3::text[]))
