-- What a user's sessions may do has changed; the channel tells every process.
-- $1 user
WITH changed AS (
    UPDATE sessions SET access_version = nextval('access_versions')
    WHERE user_id = $1 AND revoked_at IS NULL
    RETURNING session_id, access_version
)
SELECT session_id, access_version, pg_notify('payflow_access', $1::text) FROM changed
