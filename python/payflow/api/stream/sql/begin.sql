-- Where to begin: the newest ids, and which of the 2,000 before them are in sight.
WITH newest AS MATERIALIZED (
    SELECT
        coalesce((SELECT max(audit_id) FROM audit_logs), 0) AS audit_id,
        coalesce((SELECT max(alert_id) FROM alerts), 0) AS alert_id
)
SELECT
    n.audit_id,
    n.alert_id,
    ARRAY(SELECT a.audit_id FROM audit_logs AS a WHERE a.audit_id > n.audit_id - 2000) AS audit_ids,
    ARRAY(SELECT l.alert_id FROM alerts AS l WHERE l.alert_id > n.alert_id - 2000) AS alert_ids
FROM newest AS n
