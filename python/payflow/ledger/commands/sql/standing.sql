-- How payment $1 stands, once it is locked.
SELECT
    merchant_id, source, currency, exponent, status,
    authorized_minor - released_minor - captured_minor - capture_pending_minor - release_pending_minor
        AS capturable_minor,
    captured_minor - refunded_minor - refund_pending_minor - greatest(disputed_minor, 0) AS refundable_minor,
    disputed_minor,
    version + edits AS version
FROM payment_transactions
WHERE payment_id = $1
