-- Counts the rows of the trail behind $1 up to $2 into the rollups. $3: the time; steps older than they are kept are
-- passed over. A parked fact that applies later has its amount in the payload of its first sight.
WITH told AS MATERIALIZED (
    SELECT
        date_bin('10 seconds', a.recorded_at, timestamptz 'epoch') AS at,
        a.verdict,
        a.from_status,
        a.to_status,
        a.recorded_at,
        a.occurrence <> 0
        AND a.verdict NOT IN ('duplicate', 'orphaned', 'discarded', 'linked')
        AND a.payload IS NULL AS rejudged,
        a.verdict IN ('orphaned', 'discarded', 'linked') AS left_parking,
        CASE
            WHEN a.verdict = 'apply' AND a.action IN ('capture.succeeded', 'sale.succeeded') THEN 'captured'
            WHEN a.verdict = 'apply' AND a.action = 'capture.failed' AND a.reason = 'success_reversed' THEN 'uncaptured'
            WHEN a.verdict = 'apply' AND a.action = 'refund.succeeded' THEN 'refunded'
            WHEN a.verdict = 'apply' AND a.action = 'refund.failed' AND a.reason = 'success_reversed' THEN 'unrefunded'
            WHEN a.verdict = 'apply' AND a.action = 'dispute.funds_withdrawn' THEN 'disputed'
            WHEN a.verdict = 'apply' AND a.action = 'dispute.funds_reinstated' THEN 'undisputed'
        END AS movement,
        coalesce(a.payload, CASE WHEN a.verdict = 'apply' THEN (
            SELECT f.payload
            FROM audit_logs AS f
            WHERE (f.payment_id, f.source, f.event_id) = (a.payment_id, a.source, a.event_id) AND f.occurrence = 0
            LIMIT 1
        ) END) AS payload
    FROM audit_logs AS a
    WHERE a.audit_id > $1 AND a.audit_id <= $2 AND a.subject_kind IS NULL
),
steps (step_s, step, kept) AS (
    VALUES
        (10, interval '10 seconds', interval '2 hours'),
        (60, interval '1 minute', interval '3 days'),
        (3600, interval '1 hour', interval '400 days')
),
verdicts AS MATERIALIZED (
    SELECT
        at, verdict, count(*) FILTER (WHERE NOT rejudged AND NOT left_parking) AS deliveries,
        count(*) FILTER (WHERE rejudged OR left_parking) AS rejudged
    FROM told
    GROUP BY at, verdict
),
counted AS (
    INSERT INTO rollup_verdicts AS r (step_s, at, verdict, deliveries, rejudged)
    SELECT s.step_s, date_bin(s.step, v.at, timestamptz 'epoch'), v.verdict, sum(v.deliveries), sum(v.rejudged)
    FROM verdicts AS v
    CROSS JOIN steps AS s
    WHERE v.at > $3::timestamptz - s.kept
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (step_s, at, verdict) DO UPDATE
    SET deliveries = r.deliveries + excluded.deliveries, rejudged = r.rejudged + excluded.rejudged
),
amounts AS MATERIALIZED (
    SELECT
        at,
        movement,
        payload::json #>> '{amount,currency}' AS currency,
        (payload::json #>> '{amount,exponent}')::smallint AS exponent,
        (payload::json #>> '{amount,value}')::numeric AS value_minor
    FROM told
    WHERE movement IS NOT NULL AND payload IS NOT NULL
),
moved AS MATERIALIZED (
    SELECT
        at,
        currency,
        exponent,
        coalesce(sum(value_minor) FILTER (WHERE movement = 'captured'), 0)
        - coalesce(sum(value_minor) FILTER (WHERE movement = 'uncaptured'), 0) AS captured_minor,
        coalesce(sum(value_minor) FILTER (WHERE movement = 'refunded'), 0)
        - coalesce(sum(value_minor) FILTER (WHERE movement = 'unrefunded'), 0) AS refunded_minor,
        coalesce(sum(value_minor) FILTER (WHERE movement = 'disputed'), 0)
        - coalesce(sum(value_minor) FILTER (WHERE movement = 'undisputed'), 0) AS disputed_minor
    FROM amounts
    WHERE currency IS NOT NULL AND exponent IS NOT NULL AND value_minor IS NOT NULL
    GROUP BY at, currency, exponent
),
summed AS (
    INSERT INTO rollup_money AS r (step_s, at, currency, exponent, captured_minor, refunded_minor, disputed_minor)
    SELECT
        s.step_s, date_bin(s.step, m.at, timestamptz 'epoch'), m.currency, m.exponent,
        sum(m.captured_minor), sum(m.refunded_minor), sum(m.disputed_minor)
    FROM moved AS m
    CROSS JOIN steps AS s
    WHERE m.at > $3::timestamptz - s.kept
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (step_s, at, currency, exponent) DO UPDATE
    SET
        captured_minor = r.captured_minor + excluded.captured_minor,
        refunded_minor = r.refunded_minor + excluded.refunded_minor,
        disputed_minor = r.disputed_minor + excluded.disputed_minor
),
turned AS (
    INSERT INTO rollup_statuses AS r (status, payments)
    SELECT status, sum(payments)
    FROM (
        SELECT to_status AS status, 1 AS payments
        FROM told
        WHERE verdict = 'apply' AND to_status IS DISTINCT FROM from_status
        UNION ALL
        SELECT from_status, -1
        FROM told
        WHERE verdict = 'apply' AND from_status IS NOT NULL AND to_status IS DISTINCT FROM from_status
    ) AS turns
    GROUP BY status
    HAVING sum(payments) <> 0
    ORDER BY status
    ON CONFLICT (status) DO UPDATE SET payments = r.payments + excluded.payments
)
UPDATE rollup_state
SET audit_id = $2, rolled_to = greatest(rolled_to, (SELECT max(recorded_at) FROM told))
