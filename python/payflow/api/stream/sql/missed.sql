-- What came after a row of the trail: how many rows lie in between, and which alerts were there by then.
SELECT
    (
        SELECT coalesce(max(a.alert_id), 0) FROM alerts AS a
        WHERE a.created_at <= (
            SELECT l.recorded_at FROM audit_logs AS l WHERE l.audit_id <= $1 ORDER BY l.audit_id DESC LIMIT 1
        )
    ) AS alert_id
