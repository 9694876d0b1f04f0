-- Facts that contradict their payments, as rows to look at.
SELECT payment_id, source, event_id
FROM dead_letters
WHERE class IN ('conflict', 'impossible') AND starts_with(md5(payment_id), $1)
