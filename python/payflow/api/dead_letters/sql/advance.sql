-- Says how far a replay is; the answer is its state, by which it may be told to stop. $1: id; $2: now; $3: sent; $4: failed;
-- $5: failures.
UPDATE replays
SET seen_at = $2, sent = $3, failed = $4, failures = $5::jsonb
WHERE replay_id = $1
RETURNING state
