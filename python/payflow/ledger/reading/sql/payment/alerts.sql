SELECT
    l.alert_id, l.severity, coalesce(r.name, l.title) AS rule, l.source, l.event_id, l.verdict, l.reason, l.status,
    u.name AS assignee, l.created_at, l.resolved_at, count(*) OVER () AS total
FROM alerts AS l
LEFT JOIN rules AS r USING (rule_id)
LEFT JOIN users AS u ON u.user_id = l.assignee_id
WHERE l.payment_id = $1 AND l.deleted_at IS NULL
ORDER BY l.alert_id DESC
LIMIT $2
