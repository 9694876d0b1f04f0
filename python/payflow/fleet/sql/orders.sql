-- What is ordered, for one worker ($1), and how many workers there are to share it. A worker is live until it has been
-- silent for $2 of its own heartbeats.
SELECT
    fleet.revision, fleet.state, fleet.exits, fleet.state_revision,
    fleet.rate_per_s, fleet.merchant_rates, fleet.concurrency_max, fleet.batch_size_max,
    own.ordered_state, own.ordered_exits, own.ordered_revision,
    (SELECT count(*) FROM fleet_workers AS w
     WHERE NOT w.stopped AND w.seen_at > now() - w.heartbeat_interval_s * $2 * interval '1 second') AS workers_live
FROM fleet
LEFT JOIN fleet_workers AS own ON own.worker_id = $1
