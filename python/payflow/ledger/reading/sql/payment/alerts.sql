SELECT
    l.alert_id, l.severity, r.name AS rule, l.source, l.event_id, l.verdict, l.reason, l.status, l.assignee,
    l.created_at, l.resolved_at, count(*) OVER () AS total
FROM alerts AS l
JOIN rules AS r USING (rule_id)
WHERE l.payment_id = $1
ORDER BY l.alert_id DESC
LIMIT $2
