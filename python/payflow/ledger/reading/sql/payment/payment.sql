SELECT
    payment_id, merchant_id, source, currency, exponent, status, dispute_status, version, metadata, created_at,
    updated_at, authorized_minor, released_minor, captured_minor, capture_failed_minor, refunded_minor,
    disputed_minor, capture_pending_minor, refund_pending_minor, release_pending_minor,
    overcapture_allowance_minor
FROM payment_transactions
WHERE payment_id = $1
