-- Asks one worker ($1) that is live for a state of its own; null takes it back. No row: it is not there.
WITH live AS (
    SELECT worker_id FROM fleet_workers
    WHERE worker_id = $1 AND NOT stopped
      AND seen_at > now() - heartbeat_interval_s * $7 * interval '1 second'
), ordered AS (
    UPDATE fleet
    SET revision = revision + 1, changed_by = $4, changed_at = $5, note = $6
    WHERE EXISTS (SELECT FROM live)
    RETURNING revision
)
UPDATE fleet_workers
SET ordered_state = $2, ordered_exits = $3, ordered_revision = ordered.revision
FROM ordered
WHERE worker_id = $1
RETURNING ordered.revision
