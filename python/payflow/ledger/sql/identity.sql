-- The identity of these books, for the marks in Redis. A copy has another oid or system, and a database that was restored to
-- an earlier moment (or taken over from a replica) another timeline: marks made of what came after it don't count.
SELECT concat_ws(
    ':',
    (SELECT ledger_id FROM ledger),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    (SELECT system_identifier FROM pg_control_system()),
    (SELECT timeline_id FROM pg_control_checkpoint()))
