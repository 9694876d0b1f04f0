-- Asks all workers for a state.
UPDATE fleet
SET revision = revision + 1, state_revision = revision + 1, state = $1, exits = $2,
    changed_by = $3, changed_at = $4, note = $5
RETURNING revision
