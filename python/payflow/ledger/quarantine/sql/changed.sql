-- Payments behind $1 that changed after one of their facts was parked, with the payload of one such fact each;
-- $2: how many.
SELECT f.payment_id, convert_to(a.payload, 'UTF8') AS payload
FROM (
    SELECT DISTINCT ON (p.payment_id) p.payment_id, p.source, p.event_id
    FROM parked_events p
    JOIN payment_transactions t ON t.payment_id = p.payment_id AND t.updated_at > p.parked_at
    WHERE p.payment_id > $1
    ORDER BY p.payment_id
    LIMIT $2
) AS f
CROSS JOIN LATERAL (
    SELECT payload
    FROM audit_logs
    WHERE (payment_id, source, event_id) = (f.payment_id, f.source, f.event_id) AND occurrence = 0
    LIMIT 1
) AS a
ORDER BY f.payment_id
