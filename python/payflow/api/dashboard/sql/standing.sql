-- What is open and what waits, each counted up to a bound. $1: the bound.
SELECT
    (SELECT rolled_to FROM rollup_state) AS counted_to,
    (SELECT count(*) FROM (SELECT FROM alerts WHERE severity = 'info' AND resolved_at IS NULL AND deleted_at IS NULL LIMIT $1) AS c) AS info,
    (SELECT count(*) FROM (SELECT FROM alerts WHERE severity = 'warning' AND resolved_at IS NULL AND deleted_at IS NULL LIMIT $1) AS c) AS warning,
    (SELECT count(*) FROM (SELECT FROM alerts WHERE severity = 'high' AND resolved_at IS NULL AND deleted_at IS NULL LIMIT $1) AS c) AS high,
    (SELECT count(*) FROM (SELECT FROM alerts WHERE severity = 'critical' AND resolved_at IS NULL AND deleted_at IS NULL LIMIT $1) AS c) AS critical,
    (SELECT count(*) FROM (SELECT FROM dead_letters WHERE status = 'open' LIMIT $1) AS c) AS dead_letters_open,
    (SELECT count(*) FROM (SELECT FROM parked_events LIMIT $1) AS c) AS parked
