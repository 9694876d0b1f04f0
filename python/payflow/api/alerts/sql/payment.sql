SELECT
    payment_id, merchant_id, status, dispute_status, currency, exponent::integer AS exponent, amount_minor, captured_minor,
    refunded_minor, disputed_minor, updated_at
FROM payment_transactions
WHERE payment_id = $1
