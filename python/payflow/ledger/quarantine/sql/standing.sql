SELECT
    payment_id, currency, exponent, authorized_minor, released_minor, captured_minor, capture_failed_minor,
    refunded_minor, disputed_minor, capture_pending_minor, refund_pending_minor, release_pending_minor
FROM payment_transactions
WHERE payment_id = ANY ($1::text[])
