-- Alerts that were raised, and those that somebody acted on; the newest ones.
(
    SELECT alert_id, true AS created FROM alerts
    WHERE alert_id > $3 AND alert_id <= $4
    ORDER BY alert_id DESC
    LIMIT $5
)
UNION ALL
(
    SELECT DISTINCT subject_id::bigint, false FROM audit_logs
    WHERE audit_id > $1 AND audit_id <= $2 AND subject_kind = 'alert'
    LIMIT $5
)
