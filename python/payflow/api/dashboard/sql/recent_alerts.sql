SELECT
    l.alert_id::text AS alert_id, l.severity,
    CASE WHEN l.status = 'snoozed' AND l.snoozed_until <= $1 THEN 'open' ELSE l.status END AS status,
    coalesce(r.name, l.title) AS title, l.payment_id, l.created_at
FROM alerts AS l
LEFT JOIN rules AS r USING (rule_id)
WHERE l.deleted_at IS NULL
ORDER BY l.created_at DESC, l.alert_id DESC
LIMIT 5
