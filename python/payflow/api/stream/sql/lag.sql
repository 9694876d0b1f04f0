-- Deliveries by lag in the newest steps. $1: since when.
SELECT counts
FROM rollup_lags
WHERE step_s = 10 AND at >= $1
