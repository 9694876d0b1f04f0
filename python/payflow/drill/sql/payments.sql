-- The books of the payments whose id's digest begins with $1, in the oracle's words.
SELECT
    payment_id,
    currency,
    authorized_minor AS authorized,
    released_minor AS released,
    captured_minor AS captured,
    capture_failed_minor AS capture_failed,
    refunded_minor AS refunded,
    disputed_minor AS disputed,
    capture_pending_minor AS capture_pending,
    refund_pending_minor AS refund_pending,
    release_pending_minor AS release_pending,
    status,
    dispute_status AS dispute_state
FROM payment_transactions
WHERE starts_with(md5(payment_id), $1)
