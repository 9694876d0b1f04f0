-- Alerts on events. $1, $2, $3: payment, source and event id of each.
SELECT l.alert_id
FROM unnest($1::text[], $2::text[], $3::text[]) AS e (payment_id, source, event_id)
JOIN alerts AS l USING (payment_id, source, event_id)
LIMIT 1000
