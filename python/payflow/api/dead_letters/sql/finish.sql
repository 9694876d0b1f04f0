-- $1: id; $2: now; $3: state; $4: error.
UPDATE replays
SET state = $3, seen_at = $2, finished_at = $2, error = $4
WHERE replay_id = $1
