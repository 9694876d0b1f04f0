-- One change of rules at a time: whether a set compiles depends on all that is enabled.
SELECT pg_advisory_xact_lock(5021947004)
