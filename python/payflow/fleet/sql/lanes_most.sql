-- The most lanes that a live worker has started; null when none is live.
SELECT max(lanes) FROM fleet_workers
WHERE NOT stopped AND seen_at > now() - heartbeat_interval_s * $1 * interval '1 second'
