SELECT
    l.alert_id::text AS alert_id, l.severity, l.status, coalesce(r.name, l.title) AS title, l.payment_id, l.event_id,
    l.created_at
FROM alerts AS l
LEFT JOIN rules AS r USING (rule_id)
WHERE l.payment_id = $1 AND l.deleted_at IS NULL
ORDER BY l.alert_id DESC
LIMIT $2
