-- Notes which values occur in which blocks of the trail, for the rows behind $1 up to $2.
WITH told AS MATERIALIZED (
    SELECT audit_id >> 9 AS block, action, source, verdict, actor, recorded_at
    FROM audit_logs
    WHERE audit_id > $1 AND audit_id <= $2
),
spans AS (
    INSERT INTO audit_blocks AS b (block, from_at, to_at)
    SELECT block, min(recorded_at), max(recorded_at)
    FROM told
    GROUP BY block
    ORDER BY block
    ON CONFLICT (block) DO UPDATE
    SET from_at = least(b.from_at, excluded.from_at), to_at = greatest(b.to_at, excluded.to_at)
)
INSERT INTO audit_facets (facet, value, block)
SELECT DISTINCT f.facet, f.value, t.block
FROM told AS t
CROSS JOIN LATERAL (
    VALUES ('action', t.action), ('source', t.source), ('verdict', t.verdict), ('actor', t.actor)
) AS f (facet, value)
WHERE f.value IS NOT NULL
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
