-- What was parked before $1.
SELECT count(*) AS facts, count(DISTINCT payment_id) AS payments, min(parked_at) AS oldest_at, min(deadline_at) AS next_deadline_at
FROM parked_events
WHERE parked_at <= $1
