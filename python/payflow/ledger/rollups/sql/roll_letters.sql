-- Counts the dead letters behind $1 up to $2 that the trail doesn't tell of. $3: the time.
WITH steps (step_s, step, kept) AS (
    VALUES
        (10, interval '10 seconds', interval '2 hours'),
        (60, interval '1 minute', interval '3 days'),
        (3600, interval '1 hour', interval '400 days')
),
counted AS (
    INSERT INTO rollup_verdicts AS r (step_s, at, verdict, deliveries, rejudged)
    SELECT s.step_s, date_bin(s.step, d.recorded_at, timestamptz 'epoch'), d.class, count(*), 0
    FROM dead_letters AS d
    CROSS JOIN steps AS s
    WHERE
        d.dead_letter_id > $1
        AND d.dead_letter_id <= $2
        AND d.class IN ('malformed', 'exhausted')
        AND d.recorded_at > $3::timestamptz - s.kept
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (step_s, at, verdict) DO UPDATE SET deliveries = r.deliveries + excluded.deliveries
)
UPDATE rollup_state
SET dead_letter_id = $2
