SELECT used, budget, share, trend_per_s, exhausted_in_s, told_at, told_by
FROM in_flight_budgets
WHERE queue = $1
