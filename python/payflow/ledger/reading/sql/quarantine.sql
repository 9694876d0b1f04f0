-- Conflicting, impossible and orphaned deliveries among the dead letters, $2 of them behind dead letter $1, and whether the
-- trail and the alerts have them. $3: one payment only, or null.
-- An alert is owed where the rule of that name is in force and was so before the delivery came.
SELECT
    d.dead_letter_id,
    d.class,
    d.reason,
    d.payment_id,
    d.source,
    d.event_id,
    EXISTS (
        SELECT
        FROM audit_logs a
        WHERE
            (a.payment_id, a.source, a.event_id) = (d.payment_id, d.source, d.event_id)
            AND (a.verdict, a.reason) = (d.class, d.reason)
    ) AS in_trail,
    NOT EXISTS (
        SELECT
        FROM rules r
        WHERE r.name = d.class AND r.enabled AND r.created_at <= d.recorded_at
    ) OR EXISTS (
        SELECT
        FROM alerts l
        WHERE
            (l.payment_id, l.source, l.event_id) = (d.payment_id, d.source, d.event_id)
            AND l.verdict = d.class
    ) AS alerted
FROM dead_letters d
WHERE
    d.dead_letter_id > $1
    AND d.class IN ('conflict', 'impossible', 'orphaned')
    AND ($3::text IS NULL OR d.payment_id = $3::text)
ORDER BY d.dead_letter_id
LIMIT $2
