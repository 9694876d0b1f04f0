SELECT convert_to(payload, 'UTF8')
FROM audit_logs
WHERE payment_id = $1 AND source = $2 AND event_id = $3 AND occurrence = 0
