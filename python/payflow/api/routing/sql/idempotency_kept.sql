-- $1 principal, $2 method, $3 route, $4 key, $5 now
SELECT fingerprint, status, headers, body
FROM idempotency_keys
WHERE principal = $1 AND method = $2 AND route = $3 AND key = $4 AND expires_at > $5
