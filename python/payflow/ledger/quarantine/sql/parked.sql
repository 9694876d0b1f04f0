-- Parked facts, those that wait longest first, behind the place $5 to $8. $1 to $4: payment, source, what they wait
-- for, parked before; $9: how many.
SELECT
    payment_id, source, event_id, kind, operation_id, parent_id, merchant_id, amount_minor, currency, exponent,
    waits_for, correlation_id, occurred_at, parked_at, deadline_at
FROM parked_events
WHERE
    ($1::text IS NULL OR payment_id = $1::text)
    AND ($2::text IS NULL OR source = $2::text)
    AND ($3::text IS NULL OR waits_for = $3::text)
    AND ($4::timestamptz IS NULL OR parked_at <= $4::timestamptz)
    AND (
        $5::timestamptz IS NULL
        OR (parked_at, payment_id, source, event_id) > ($5::timestamptz, $6::text, $7::text, $8::text))
ORDER BY parked_at, payment_id, source, event_id
LIMIT $9
