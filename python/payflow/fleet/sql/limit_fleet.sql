-- Holds the fleet to all of these limits; null lifts one.
UPDATE fleet
SET revision = revision + 1,
    rate_per_s = $1, merchant_rates = $2::text::jsonb, concurrency_max = $3, batch_size_max = $4,
    changed_by = $5, changed_at = $6, note = $7
RETURNING revision
