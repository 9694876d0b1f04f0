SELECT * FROM replays WHERE replay_id = $1
