-- Events that took effect more than once.
SELECT payment_id, source, event_id, count(*) AS times
FROM audit_logs
WHERE verdict = 'apply' AND starts_with(md5(payment_id), $1)
GROUP BY payment_id, source, event_id
HAVING count(*) > 1
