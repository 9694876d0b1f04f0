-- How many parked facts match, up to a bound. $1 to $5: payment, source, event, what they wait for, parked before; $6: the
-- bound.
SELECT count(*)
FROM (
    SELECT
    FROM parked_events
    WHERE
        ($1::text IS NULL OR payment_id = $1::text)
        AND ($2::text IS NULL OR source = $2::text)
        AND ($3::text IS NULL OR event_id = $3::text)
        AND ($4::text IS NULL OR waits_for = $4::text)
        AND ($5::timestamptz IS NULL OR parked_at <= $5::timestamptz)
    LIMIT $6
) AS counted
