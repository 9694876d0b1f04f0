-- Takes facts out of parking and says so in the trail; their payments are locked. $1: now; $2: who; $3: verdict;
-- $4: reason, or null for what each waited for; $5, $6, $7: payment, source and event id of each.
WITH gone AS (
    DELETE FROM parked_events AS f
    USING unnest($5::text[], $6::text[], $7::text[]) AS k (payment_id, source, event_id)
    WHERE (f.payment_id, f.source, f.event_id) = (k.payment_id, k.source, k.event_id)
    RETURNING f.*
),
numbered AS MATERIALIZED (
    SELECT nextval('audit_logs_audit_id_seq') AS audit_id, ordered.*
    FROM (SELECT * FROM gone ORDER BY payment_id, source, event_id) AS ordered
),
trail AS (
    INSERT INTO audit_logs (
        audit_id, payment_id, source, event_id, occurrence, action, verdict, reason, from_status, to_status,
        version, fingerprint, actor, correlation_id, occurred_at, recorded_at)
    OVERRIDING SYSTEM VALUE
    SELECT
        n.audit_id, n.payment_id, n.source, n.event_id, n.audit_id, n.kind, $3, coalesce($4, n.waits_for),
        CASE WHEN t.currency IS NOT NULL THEN t.status END, t.status, t.version, n.fingerprint, $2,
        n.correlation_id, n.occurred_at, $1
    FROM numbered AS n
    JOIN payment_transactions AS t USING (payment_id)
)
SELECT n.*, first.recorded_at AS first_recorded_at, convert_to(first.payload, 'UTF8') AS payload
FROM numbered AS n
CROSS JOIN LATERAL (
    SELECT payload, recorded_at
    FROM audit_logs
    WHERE (payment_id, source, event_id) = (n.payment_id, n.source, n.event_id) AND occurrence = 0
    LIMIT 1
) AS first
ORDER BY n.audit_id
