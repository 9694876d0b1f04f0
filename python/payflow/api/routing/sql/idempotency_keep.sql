-- $1 principal, $2 method, $3 route, $4 key, $5 fingerprint, $6 status, $7 headers, $8 body, $9 now, $10 expiry
INSERT INTO idempotency_keys (principal, method, route, key, fingerprint, status, headers, body, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (principal, method, route, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
    body = excluded.body, created_at = excluded.created_at, expires_at = excluded.expires_at
