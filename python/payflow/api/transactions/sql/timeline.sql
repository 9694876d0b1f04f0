-- What happened to a payment, the newest first, or the oldest first behind a place for a page that goes back. A row that is
-- not the first sight of its event, has no payload and the verdict of a judgement is a parked fact that was judged again.
-- Who asked for a command stands on the row of its fact, so that its row among the operators' actions is left out.
SELECT
    a.audit_id,
    CASE
        WHEN a.subject_kind IS NOT NULL THEN a.action
        WHEN c.command_id IS NOT NULL THEN 'command'
        ELSE 'event'
    END AS action,
    a.source, a.event_id, CASE WHEN a.subject_kind IS NULL THEN a.action END AS type,
    a.verdict, a.reason, a.from_status, a.to_status, a.version, a.actor, a.correlation_id, a.occurred_at, a.recorded_at,
    a.subject_kind IS NULL
        AND a.occurrence <> 0
        AND a.verdict NOT IN ('duplicate', 'orphaned', 'discarded', 'linked')
        AND a.payload IS NULL AS rejudged,
    coalesce(a.note, c.reason) AS note,
    coalesce(a.payload, a.details::text) AS payload
FROM audit_logs AS a
LEFT JOIN commands AS c ON a.subject_kind IS NULL AND c.command_id = a.event_id AND c.payment_id = a.payment_id
WHERE
    a.payment_id = :payment_id
    AND NOT (a.subject_kind = 'payment' AND a.details ? 'command_id') IS TRUE
    AND a.audit_id < :below -- ?below
    AND a.audit_id > :above -- ?above
ORDER BY
    a.audit_id DESC -- ?falling
    a.audit_id -- ?rising
LIMIT :limit
