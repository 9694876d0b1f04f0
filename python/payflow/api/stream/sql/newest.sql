-- The newest rows in sight, and which transactions were under way.
SELECT
    coalesce((SELECT max(audit_id) FROM audit_logs), 0) AS audit_id,
    coalesce((SELECT max(alert_id) FROM alerts), 0) AS alert_id,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
