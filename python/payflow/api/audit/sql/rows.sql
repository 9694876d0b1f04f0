-- Entries between two ids, both left out, by the filters.
SELECT
-- include columns
FROM audit_logs AS a
WHERE
    a.audit_id > :above
    AND a.audit_id < :below
-- include chosen
ORDER BY
    a.audit_id DESC -- !backwards
    a.audit_id -- ?backwards
LIMIT :limit
