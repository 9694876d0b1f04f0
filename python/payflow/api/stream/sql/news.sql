-- What has come to sight in the trail and among the alerts. $1: newest row of the trail that was seen; $2: ids below it
-- that may still come; $3, $4: the same of alerts; $5: how many of each. One row, so that it is one view of both.
SELECT
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next,
    t.*,
    ARRAY(
        SELECT c.alert_id
        FROM (
            (SELECT alert_id FROM alerts WHERE alert_id > $3 ORDER BY alert_id LIMIT $5)
            UNION ALL
            SELECT alert_id FROM alerts WHERE alert_id = ANY ($4::bigint[])
        ) AS c
        ORDER BY 1
    ) AS alert_ids
FROM (
    SELECT
        array_agg(audit_id ORDER BY audit_id) AS audit_ids,
        array_agg(payment_id ORDER BY audit_id) AS payment_ids,
        array_agg(verdict ORDER BY audit_id) AS verdicts,
        array_agg(subject_kind ORDER BY audit_id) AS subject_kinds,
        array_agg(subject_id ORDER BY audit_id) AS subject_ids,
        array_agg(delivery ORDER BY audit_id) AS deliveries
    FROM (
        (SELECT
            audit_id, payment_id, verdict, subject_kind, subject_id,
            subject_kind IS NULL AND (occurrence = 0 OR payload IS NOT NULL OR verdict = 'duplicate') AS delivery
        FROM audit_logs
        WHERE audit_id > $1
        ORDER BY audit_id
        LIMIT $5)
        UNION ALL
        SELECT
            audit_id, payment_id, verdict, subject_kind, subject_id,
            subject_kind IS NULL AND (occurrence = 0 OR payload IS NOT NULL OR verdict = 'duplicate') AS delivery
        FROM audit_logs
        WHERE audit_id = ANY ($2::bigint[])
    ) AS come
) AS t
