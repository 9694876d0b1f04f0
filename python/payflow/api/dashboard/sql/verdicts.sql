-- Deliveries by step and verdict. $1: step of the rollup, in seconds; $2: step of the answer; $3: since when.
SELECT
    extract(epoch FROM date_bin(make_interval(secs => $2), at, timestamptz 'epoch'))::bigint AS at,
    verdict,
    sum(deliveries)::bigint AS deliveries
FROM rollup_verdicts
WHERE step_s = $1 AND at >= $3
GROUP BY 1, 2
