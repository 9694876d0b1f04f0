-- Payments behind $1 whose metadata an operator changed, $2 at most, with what the trail says it was changed to. $3: one
-- payment only, or null.
SELECT t.payment_id, t.edited_metadata::jsonb AS found, a.audit_id, a.details -> 'metadata' AS expected
FROM payment_transactions AS t
LEFT JOIN LATERAL (
    SELECT audit_id, details
    FROM audit_logs
    WHERE subject_kind = 'payment' AND subject_id = t.payment_id AND action = 'payment.metadata_changed'
    ORDER BY audit_id DESC
    LIMIT 1
) AS a ON true
WHERE
    t.edits > 0
    AND t.payment_id > $1
    AND ($3::text IS NULL OR t.payment_id = $3::text)
    AND t.edited_metadata::jsonb IS DISTINCT FROM a.details -> 'metadata'
ORDER BY t.payment_id
LIMIT $2
