-- Hold a key to the end of the transaction; false when another call holds it. A statement of its own, because the
-- next one has to see what the holder before us committed.
-- $1 number of the key
SELECT pg_try_advisory_xact_lock($1)
