-- What is to be sent, the longest due first. $1: queue; $2: now; $3: how many; $4: bytes that the bodies may have.
-- Sizes are known without the bodies, and one message goes whatever its size.
SELECT deferred_id, revision, message_id, attempts, receives, sent_at_ms, body
FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY due_at, deferred_id) - octet_length(body) AS bytes_before
    FROM (
        SELECT
            deferred_id, revision, message_id, attempts, receives, due_at, body,
            (extract(epoch FROM first_sent_at) * 1000)::bigint AS sent_at_ms
        FROM deferred_messages
        WHERE queue = $1 AND due_at <= $2
        ORDER BY due_at, deferred_id
        LIMIT $3
    ) AS oldest
) AS sized
WHERE bytes_before = 0 OR bytes_before + octet_length(body) <= $4
ORDER BY due_at, deferred_id
