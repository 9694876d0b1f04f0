-- The primary's place in the write-ahead log, in bytes.
SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS written_bytes
