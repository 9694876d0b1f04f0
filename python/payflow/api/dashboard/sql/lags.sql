-- Deliveries by step and lag. $1: step of the rollup, in seconds; $2: step of the answer; $3: since when.
SELECT at, array_agg(deliveries ORDER BY place) AS counts
FROM (
    SELECT
        extract(epoch FROM date_bin(make_interval(secs => $2), r.at, timestamptz 'epoch'))::bigint AS at,
        c.place,
        sum(c.deliveries)::bigint AS deliveries
    FROM rollup_lags AS r
    CROSS JOIN LATERAL unnest(r.counts) WITH ORDINALITY AS c (deliveries, place)
    WHERE r.step_s = $1 AND r.at >= $3
    GROUP BY 1, 2
) AS summed
GROUP BY at
ORDER BY at
