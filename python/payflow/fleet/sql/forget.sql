-- Workers that nobody has heard of for $1 seconds.
DELETE FROM fleet_workers WHERE seen_at < now() - $1::double precision * interval '1 second' RETURNING worker_id
