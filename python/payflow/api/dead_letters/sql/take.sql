-- Takes the oldest replay that nobody runs: one that waits, or whose process has been silent since $2. $1: now.
UPDATE replays AS r
SET state = CASE WHEN r.state = 'stopping' THEN r.state ELSE 'running' END, seen_at = $1
WHERE r.replay_id = (
    SELECT replay_id
    FROM replays
    WHERE state = 'waiting' OR (state IN ('running', 'stopping') AND seen_at < $2)
    ORDER BY replay_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *
