-- End sessions of a user; the channel tells every process.
-- $1 user, $2 now, $3 why, $4 only this session or null, $5 all but this session or null
WITH ended AS (
    UPDATE sessions
    SET revoked_at = $2, revoked_for = $3, access_version = nextval('access_versions')
    WHERE user_id = $1 AND revoked_at IS NULL
        AND ($4::uuid IS NULL OR session_id = $4) AND ($5::uuid IS NULL OR session_id <> $5)
    RETURNING session_id, access_version
)
SELECT session_id, access_version, pg_notify('payflow_access', $1::text) FROM ended
