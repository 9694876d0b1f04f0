-- What is ordered of the fleet.
SELECT
    revision, state, exits, rate_per_s, merchant_rates, concurrency_max, batch_size_max,
    changed_by, changed_at, note, now() AS read_at
FROM fleet
