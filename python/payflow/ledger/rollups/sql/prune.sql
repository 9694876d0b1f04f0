-- Removes the steps that are kept no longer at the time $1.
WITH steps (step_s, kept) AS (
    VALUES (10, interval '2 hours'), (60, interval '3 days'), (3600, interval '400 days')
),
verdicts AS (
    DELETE FROM rollup_verdicts AS r USING steps AS s WHERE r.step_s = s.step_s AND r.at <= $1::timestamptz - s.kept
),
money AS (
    DELETE FROM rollup_money AS r USING steps AS s WHERE r.step_s = s.step_s AND r.at <= $1::timestamptz - s.kept
),
lags AS (
    DELETE FROM rollup_lags AS r USING steps AS s WHERE r.step_s = s.step_s AND r.at <= $1::timestamptz - s.kept
)
UPDATE rollup_state
SET pruned_at = $1
