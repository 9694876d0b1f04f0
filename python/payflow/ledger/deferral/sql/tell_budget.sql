-- Keeps what was last seen of a queue's budget. $1: queue; $2: used; $3: budget; $4: share; $5: trend; $6: exhausted
-- in; $7: now; $8: who.
INSERT INTO in_flight_budgets (queue, used, budget, share, trend_per_s, exhausted_in_s, told_at, told_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (queue) DO UPDATE SET
    used = excluded.used, budget = excluded.budget, share = excluded.share, trend_per_s = excluded.trend_per_s,
    exhausted_in_s = excluded.exhausted_in_s, told_at = excluded.told_at, told_by = excluded.told_by
