-- Tells a replay to stop; one that nobody has begun is stopped at once. $1: id; $2: now.
UPDATE replays
SET
    state = CASE WHEN state = 'waiting' THEN 'stopped' ELSE 'stopping' END,
    finished_at = CASE WHEN state = 'waiting' THEN $2::timestamptz END
WHERE replay_id = $1 AND state IN ('waiting', 'running', 'stopping')
RETURNING *
