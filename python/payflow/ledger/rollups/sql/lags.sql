-- Adds deliveries by lag, $1, to the steps of the time $2.
INSERT INTO rollup_lags AS r (step_s, at, counts)
SELECT s.step_s, date_bin(s.step, $2::timestamptz, timestamptz 'epoch'), $1::bigint[]
FROM (
    VALUES (10, interval '10 seconds'), (60, interval '1 minute'), (3600, interval '1 hour')
) AS s (step_s, step)
ORDER BY s.step_s
ON CONFLICT (step_s, at) DO UPDATE
SET counts = ARRAY(
    SELECT coalesce(kept, 0) + coalesce(more, 0)
    FROM unnest(r.counts, excluded.counts) WITH ORDINALITY AS c (kept, more, place)
    ORDER BY place
)
