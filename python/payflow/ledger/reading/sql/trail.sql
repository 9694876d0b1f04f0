-- The trail of the payments from $1 to $2, both included, in the order in which it was written. What operators did is
-- passed over: the books don't follow from it.
-- One binary array for each column, which Rust reads without a Python object for each value; the payloads apart,
-- because Python decodes them.
SELECT
    array_send(array_agg(payment_id)),
    array_send(array_agg(audit_id)),
    array_send(array_agg(source)),
    array_send(array_agg(event_id)),
    array_send(array_agg(occurrence)),
    array_send(array_agg(action)),
    array_send(array_agg(verdict)),
    array_send(array_agg(reason)),
    array_send(array_agg(from_status)),
    array_send(array_agg(to_status)),
    array_send(array_agg(version)),
    array_send(array_agg(fingerprint)),
    array_send(array_agg(payload IS NOT NULL)),
    array_agg(convert_to(payload, 'UTF8')) AS payloads
FROM (
    SELECT *
    FROM audit_logs
    WHERE payment_id BETWEEN $1 AND $2 AND subject_kind IS NULL
    ORDER BY payment_id, audit_id
) AS trail
