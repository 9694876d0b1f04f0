INSERT INTO replays (requested_by, requested_at, correlation_id, note, chosen, rate_per_s, letters_max)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
RETURNING *
