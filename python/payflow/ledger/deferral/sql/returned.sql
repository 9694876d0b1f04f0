-- Takes out what was sent, unless it was deferred again meanwhile. $1: ids; $2: the revisions that were sent.
DELETE FROM deferred_messages AS d
USING unnest($1::bigint[], $2::integer[]) AS sent (deferred_id, revision)
WHERE d.deferred_id = sent.deferred_id AND d.revision = sent.revision
