-- Deliveries only; what operators did is for the API's timeline. A row that is not the first sight, has no payload and the verdict of a judgement is a parked fact that was judged
-- again; the other verdicts are of duplicates, and of facts that left parking without being judged.
SELECT
    a.audit_id, a.source, a.event_id, a.action AS type, f.audit_id AS first_audit_id, a.verdict, a.reason,
    a.from_status, a.to_status, a.version, a.actor, a.correlation_id, a.occurred_at, a.recorded_at,
    a.occurrence <> 0
    AND a.verdict NOT IN ('duplicate', 'orphaned', 'discarded', 'linked')
    AND a.payload IS NULL AS rejudged,
    count(*) OVER () AS total
FROM audit_logs AS a
LEFT JOIN audit_logs AS f
    ON a.occurrence <> 0
    AND (f.payment_id, f.source, f.event_id) = (a.payment_id, a.source, a.event_id)
    AND f.occurrence = 0
WHERE a.payment_id = $1 AND a.subject_kind IS NULL
ORDER BY a.audit_id DESC
LIMIT $2
