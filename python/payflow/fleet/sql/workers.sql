-- Every worker that is not forgotten, with its age by the database's clock.
SELECT
    worker_id, announcement, stopped, ordered_state,
    extract(epoch FROM now() - seen_at)::double precision AS age_s
FROM fleet_workers
ORDER BY started_at, worker_id
