-- Facts that contradict their payments, as somebody was told of them.
SELECT payment_id, source, event_id
FROM alerts
WHERE verdict IN ('conflict', 'impossible') AND starts_with(md5(payment_id), $1)
