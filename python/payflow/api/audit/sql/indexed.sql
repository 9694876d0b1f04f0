-- Up to where the trail is indexed, and its newest row.
SELECT s.audit_id AS indexed, coalesce((SELECT max(audit_id) FROM audit_logs), 0) AS newest
FROM rollup_state AS s
