SELECT * FROM replays ORDER BY replay_id DESC LIMIT $1
