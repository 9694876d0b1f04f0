-- The payment that a subject belongs to, and whether the subject is there. $1: its kind; $2: its id.
SELECT
    CASE $1::text
        WHEN 'payment' THEN EXISTS (SELECT FROM payment_transactions WHERE payment_id = $2::text)
        WHEN 'alert' THEN EXISTS (SELECT FROM alerts WHERE alert_id::text = $2 AND alert_id = number.value)
        WHEN 'rule' THEN EXISTS (SELECT FROM rules WHERE name = $2)
        WHEN 'user' THEN EXISTS (SELECT FROM users WHERE user_id::text = $2)
        WHEN 'dead_letter' THEN EXISTS (SELECT FROM dead_letters WHERE dead_letter_id = number.value)
        WHEN 'parked_fact' THEN EXISTS (
            SELECT FROM parked_events
            WHERE payment_id = split_part($2, '/', 1) AND concat_ws('/', payment_id, source, event_id) = $2)
    END AS there,
    CASE $1::text
        WHEN 'payment' THEN $2::text
        WHEN 'alert' THEN (SELECT payment_id FROM alerts WHERE alert_id = number.value)
        WHEN 'dead_letter' THEN (SELECT payment_id FROM dead_letters WHERE dead_letter_id = number.value)
        WHEN 'parked_fact' THEN split_part($2, '/', 1)
    END AS payment_id
FROM (SELECT CASE WHEN $2 ~ '^[0-9]{1,18}$' THEN $2::bigint END AS value) AS number
