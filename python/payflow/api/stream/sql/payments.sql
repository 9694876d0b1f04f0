-- Payments that rows of the trail have changed, each once as it stands now; the newest ones, in the order of the rows.
SELECT
    r.audit_id, r.verdict, t.payment_id, t.merchant_id, t.status, t.dispute_status, t.version, t.amount_minor,
    t.captured_minor, t.refunded_minor, t.currency, t.exponent, t.updated_at
FROM (
    SELECT DISTINCT ON (n.payment_id) n.payment_id, n.audit_id, n.verdict
    FROM (
        SELECT payment_id, audit_id, coalesce(verdict, action) AS verdict
        FROM audit_logs
        WHERE audit_id > $1 AND audit_id <= $2 AND payment_id IS NOT NULL
            AND (verdict = 'apply' OR subject_kind = 'payment')
        ORDER BY audit_id DESC
        LIMIT $3
    ) AS n
    ORDER BY n.payment_id, n.audit_id DESC
) AS r
CROSS JOIN LATERAL (SELECT * FROM payment_transactions AS p WHERE p.payment_id = r.payment_id LIMIT 1) AS t
ORDER BY r.audit_id
