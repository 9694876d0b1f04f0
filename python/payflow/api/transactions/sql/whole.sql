-- One payment, and which of the lists beside it have anything: most payments have none of these.
SELECT
-- include rows
    , EXISTS (SELECT FROM parked_events AS p WHERE p.payment_id = t.payment_id) AS has_parked,
    EXISTS (SELECT FROM alerts AS l WHERE l.payment_id = t.payment_id) AS has_alerts,
    EXISTS (SELECT FROM dead_letters AS d WHERE d.payment_id = t.payment_id) AS has_letters,
    EXISTS (SELECT FROM commands AS c WHERE c.payment_id = t.payment_id) AS has_commands
FROM payment_transactions AS t
WHERE t.payment_id = :payment_id
