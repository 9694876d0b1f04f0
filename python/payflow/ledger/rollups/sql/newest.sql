-- The newest rows that this transaction sees, and which transactions were under way.
SELECT
    coalesce((SELECT max(audit_id) FROM audit_logs), 0) AS audit_id,
    coalesce((SELECT max(dead_letter_id) FROM dead_letters), 0) AS dead_letter_id,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
