-- Versions of rules with the alerts of their names or of themselves since a time.
SELECT
    r.rule_id, r.name, r.version, r.condition, r.severity, r.description, r.enabled, r.created_by, r.created_at,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM alerts AS l
            WHERE l.rule_id = ANY (ids.of_name) AND l.created_at >= :since -- ?newest_only
            WHERE l.rule_id = r.rule_id AND l.created_at >= :since -- !newest_only
            LIMIT 10000
        ) AS counted
    ) AS alerts_24h
FROM rules AS r
CROSS JOIN LATERAL (SELECT array_agg(o.rule_id) AS of_name FROM rules AS o WHERE o.name = r.name) AS ids -- ?newest_only
WHERE
    r.retired_at IS NULL
    AND r.name = :name -- ?name
    AND r.name > :behind -- ?behind
    AND r.name < :ahead -- ?ahead
    AND NOT EXISTS (SELECT FROM rules AS o WHERE o.name = r.name AND o.version > r.version) -- ?newest_only
ORDER BY
    r.name -- ?by_name
    r.name DESC -- ?by_name_backwards
    r.version DESC -- ?by_version
LIMIT :limit
