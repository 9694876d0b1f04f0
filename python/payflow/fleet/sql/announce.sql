-- What a worker says of itself, at the database's time. What was ordered of it is left alone.
INSERT INTO fleet_workers (worker_id, started_at, heartbeat_interval_s, seen_at, stopped, lanes, announcement)
VALUES ($1, $2, $3, now(), $4, $5, $6)
ON CONFLICT (worker_id) DO UPDATE
SET heartbeat_interval_s = excluded.heartbeat_interval_s, seen_at = excluded.seen_at, stopped = excluded.stopped,
    lanes = excluded.lanes, announcement = excluded.announcement
