    t.payment_id, t.merchant_id, t.source, t.currency, t.exponent, t.amount_minor, t.status, t.dispute_status,
    t.authorized_minor, t.released_minor, t.captured_minor, t.capture_failed_minor, t.refunded_minor,
    t.disputed_minor, t.capture_pending_minor, t.refund_pending_minor, t.release_pending_minor,
    t.version + t.edits AS version, coalesce(t.edited_metadata, t.metadata) AS metadata, t.created_at, t.updated_at,
    t.archived_at IS NOT NULL AS archived,
    (
        SELECT count(*)
        FROM alerts AS l
        WHERE l.payment_id = t.payment_id AND l.status <> 'resolved' AND l.deleted_at IS NULL
    ) AS open_alerts
