-- Parked facts, those that wait shortest first, ahead of the place $6 to $9. $1 to $5: payment, source, event, what they
-- wait for, parked before; $10: how many.
SELECT
    payment_id, source, event_id, kind, operation_id, parent_id, merchant_id, amount_minor, currency, exponent,
    waits_for, correlation_id, occurred_at, parked_at, deadline_at
FROM parked_events
WHERE
    ($1::text IS NULL OR payment_id = $1::text)
    AND ($2::text IS NULL OR source = $2::text)
    AND ($3::text IS NULL OR event_id = $3::text)
    AND ($4::text IS NULL OR waits_for = $4::text)
    AND ($5::timestamptz IS NULL OR parked_at <= $5::timestamptz)
    AND (
        $6::timestamptz IS NULL
        OR (parked_at, payment_id, source, event_id) < ($6::timestamptz, $7::text, $8::text, $9::text))
ORDER BY parked_at DESC, payment_id DESC, source DESC, event_id DESC
LIMIT $10
