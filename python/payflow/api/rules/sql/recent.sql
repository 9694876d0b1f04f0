-- First sights among the newest rows of the trail, with their payments as they are now. $1: how many; $2: how many
-- rows to look at; $3: since when, or null.
SELECT
    a.payment_id, a.source, a.event_id, a.action AS type, a.verdict, a.reason, a.from_status, a.to_status, a.version,
    a.occurred_at, a.recorded_at, a.payload,
    t.merchant_id, t.currency, t.exponent, t.authorized_minor, t.released_minor, t.captured_minor,
    t.capture_failed_minor, t.refunded_minor, t.disputed_minor, t.capture_pending_minor, t.refund_pending_minor,
    t.release_pending_minor, t.overcapture_allowance_minor, t.dispute_status
FROM (
    SELECT *
    FROM (
        SELECT *
        FROM audit_logs
        ORDER BY audit_id DESC
        LIMIT $2
    ) AS newest
    WHERE
        occurrence = 0 AND subject_kind IS NULL AND payload IS NOT NULL
        AND ($3::timestamptz IS NULL OR recorded_at >= $3::timestamptz)
    ORDER BY audit_id DESC
    LIMIT $1
) AS a
LEFT JOIN payment_transactions AS t USING (payment_id)
ORDER BY a.audit_id DESC
