-- $1 description, $2 correlation id, $3 now
INSERT INTO alerts (severity, title, description, correlation_id, created_at)
VALUES ('high', 'A sign-in was used twice', $1, $2, $3)
