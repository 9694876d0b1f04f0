-- Alerts, a page behind a place or some by id. A snooze that is over reads as open.
SELECT
    l.alert_id, l.severity,
    CASE WHEN l.status = 'snoozed' AND l.snoozed_until <= :now THEN 'open' ELSE l.status END AS status,
    coalesce(r.name, l.title) AS title, coalesce(r.description, l.description, '') AS description,
    l.rule_id, r.name AS rule_name, r.version AS rule_version, l.payment_id, l.merchant_id, l.source, l.event_id,
    l.verdict, l.reason, l.correlation_id, l.assignee_id, u.name AS assignee_name,
    CASE WHEN l.snoozed_until > :now THEN l.snoozed_until END AS snoozed_until,
    l.outcome, l.note, l.created_at, coalesce(l.updated_at, l.created_at) AS updated_at, l.resolved_at, l.version,
    array_position('{info,warning,high,critical}'::text[], l.severity) AS urgency
FROM (
    SELECT l.*
    FROM alerts AS l
    WHERE
-- include chosen
        AND (l.created_at, l.alert_id) < (:at, :alert_id) -- ?older_than
        AND (l.created_at, l.alert_id) > (:at, :alert_id) -- ?newer_than
        AND (array_position('{info,warning,high,critical}'::text[], l.severity), l.created_at, l.alert_id) < (:urgency, :at, :alert_id) -- ?less_urgent_than
        AND (array_position('{info,warning,high,critical}'::text[], l.severity), l.created_at, l.alert_id) > (:urgency, :at, :alert_id) -- ?more_urgent_than
    ORDER BY
        l.created_at DESC, l.alert_id DESC -- ?newest_first
        l.created_at, l.alert_id -- ?oldest_first
        array_position('{info,warning,high,critical}'::text[], l.severity) DESC, l.created_at DESC, l.alert_id DESC -- ?most_urgent_first
        array_position('{info,warning,high,critical}'::text[], l.severity), l.created_at, l.alert_id -- ?least_urgent_first
    LIMIT :limit
) AS l -- what is joined below is joined to one page
LEFT JOIN rules AS r USING (rule_id)
LEFT JOIN users AS u ON u.user_id = l.assignee_id
ORDER BY
    l.created_at DESC, l.alert_id DESC -- ?newest_first
    l.created_at, l.alert_id -- ?oldest_first
    array_position('{info,warning,high,critical}'::text[], l.severity) DESC, l.created_at DESC, l.alert_id DESC -- ?most_urgent_first
    array_position('{info,warning,high,critical}'::text[], l.severity), l.created_at, l.alert_id -- ?least_urgent_first
