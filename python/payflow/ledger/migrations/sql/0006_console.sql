-- What operators see and do: audit of operators, alert triage, commands, idempotency keys, rollups.
SELECT 1;
