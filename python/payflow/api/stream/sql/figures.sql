-- What a tick tells beside the rates: alerts that are open, workers that are there, the lags of the last steps.
SELECT
    (
        SELECT count(*) FROM (
            SELECT 1 FROM alerts WHERE resolved_at IS NULL AND deleted_at IS NULL LIMIT 10000
        ) AS open
    ) AS alerts_open,
    (
        SELECT array_agg(c.deliveries ORDER BY c.place)
        FROM (
            SELECT u.place, sum(u.deliveries)::bigint AS deliveries
            FROM rollup_lags AS l
            CROSS JOIN LATERAL unnest(l.counts) WITH ORDINALITY AS u (deliveries, place)
            WHERE l.step_s = 10 AND l.at > $1
            GROUP BY u.place
        ) AS c
    ) AS lags
