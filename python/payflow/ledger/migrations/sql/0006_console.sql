-- What operators see and do: audit of operators, alert triage, commands, idempotency keys, rollups.

-- The trail also tells what operators did. Such a row names its subject; it belongs to a payment or to none.
ALTER TABLE audit_logs
    ADD COLUMN subject_kind text COLLATE "C",
    ADD COLUMN subject_id text COLLATE "C",
    ADD COLUMN note text,
    ADD COLUMN details jsonb,
    ALTER COLUMN payment_id DROP NOT NULL,
    ALTER COLUMN source DROP NOT NULL,
    ALTER COLUMN event_id DROP NOT NULL,
    ALTER COLUMN verdict DROP NOT NULL,
    ALTER COLUMN reason DROP NOT NULL,
    -- Not validated: what is there was held to more. A scan of the whole trail would keep the workers out.
    ADD CONSTRAINT audit_row_is_delivery_or_action CHECK (
        CASE WHEN subject_kind IS NULL
            THEN payment_id IS NOT NULL AND source IS NOT NULL AND event_id IS NOT NULL
                AND verdict IS NOT NULL AND reason IS NOT NULL
            ELSE subject_id IS NOT NULL AND verdict IS NULL AND occurrence = audit_id
        END) NOT VALID;
COMMENT ON COLUMN audit_logs.subject_kind IS 'What an operator acted on; null on deliveries, which are what the books follow from.';
COMMENT ON COLUMN audit_logs.details IS 'What the action changed, as its subject tells it.';
-- All of them skip deliveries, so that a batch of a worker doesn't touch them.
CREATE INDEX audit_of_operators ON audit_logs (audit_id) WHERE subject_kind IS NOT NULL;
CREATE INDEX audit_by_subject ON audit_logs (subject_kind, subject_id, audit_id) WHERE subject_kind IS NOT NULL;
CREATE INDEX audit_by_operator ON audit_logs (actor, audit_id) WHERE subject_kind IS NOT NULL;

-- One truth: what was recorded of dead letters and parked facts moves into the trail.
INSERT INTO audit_logs (
    audit_id, payment_id, source, event_id, occurrence, action, actor, recorded_at, subject_kind, subject_id, note)
OVERRIDING SYSTEM VALUE
SELECT
    n.audit_id, n.payment_id, n.source, n.event_id, n.audit_id,
    CASE n.action
        WHEN 'letter_replayed' THEN 'dead_letter.replayed'
        WHEN 'letter_discarded' THEN 'dead_letter.discarded'
        WHEN 'fact_discarded' THEN 'parked_fact.discarded'
        ELSE 'parked_fact.linked'
    END,
    n.actor, n.recorded_at,
    CASE WHEN n.dead_letter_id IS NULL THEN 'parked_fact' ELSE 'dead_letter' END,
    coalesce(n.dead_letter_id::text, n.payment_id || '/' || n.source || '/' || n.event_id),
    nullif(n.note, '')
FROM (
    SELECT nextval('audit_logs_audit_id_seq') AS audit_id, o.*
    FROM (SELECT * FROM operator_actions ORDER BY action_id) AS o
) AS n;
DROP TABLE operator_actions;
DROP FUNCTION operator_actions_are_append_only;
COMMENT ON COLUMN dead_letters.status IS 'What the last operator action made of it; the trail has all of them.';

-- Alerts are worked on: somebody has them, they sleep, they end with an outcome. One made by hand has a title and no rule.
ALTER TABLE alerts
    ALTER COLUMN rule_id DROP NOT NULL,
    ALTER COLUMN payment_id DROP NOT NULL,
    ALTER COLUMN source DROP NOT NULL,
    ALTER COLUMN event_id DROP NOT NULL,
    ALTER COLUMN fingerprint DROP NOT NULL,
    ALTER COLUMN verdict DROP NOT NULL,
    ALTER COLUMN reason DROP NOT NULL,
    ALTER COLUMN correlation_id DROP NOT NULL,
    DROP COLUMN assignee,
    ADD COLUMN assignee_id uuid REFERENCES users,
    ADD COLUMN title text,
    ADD COLUMN description text,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN outcome text COLLATE "C",
    ADD COLUMN note text,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT alert_has_a_name CHECK (rule_id IS NOT NULL OR title IS NOT NULL),
    ADD CONSTRAINT alert_status_known CHECK (
        CASE status
            WHEN 'open' THEN snoozed_until IS NULL AND resolved_at IS NULL
            WHEN 'acknowledged' THEN snoozed_until IS NULL AND resolved_at IS NULL
            WHEN 'snoozed' THEN snoozed_until IS NOT NULL AND resolved_at IS NULL
            WHEN 'resolved' THEN snoozed_until IS NULL AND resolved_at IS NOT NULL AND outcome IS NOT NULL
            ELSE false
        END),
    ADD CONSTRAINT alert_outcome_known CHECK (outcome IN ('confirmed', 'false_positive', 'duplicate', 'fixed'));
COMMENT ON COLUMN alerts.updated_at IS 'Null until somebody acts on it.';
COMMENT ON COLUMN alerts.deleted_at IS 'A deleted alert is told no more; the row stays, so that its event does not raise it again.';
-- Lists are read along one of these, and what is not resolved, or sleeps, is found however many are.
DROP INDEX alert_by_severity;
CREATE INDEX alert_by_time ON alerts (created_at, alert_id);
CREATE INDEX alert_by_urgency
    ON alerts (array_position('{info,warning,high,critical}'::text[], severity), created_at, alert_id);
CREATE INDEX alert_by_rule ON alerts (rule_id, created_at, alert_id);
CREATE INDEX alert_unresolved ON alerts (severity, created_at, alert_id) WHERE resolved_at IS NULL AND deleted_at IS NULL;
CREATE INDEX alert_unresolved_by_time ON alerts (created_at, alert_id) WHERE resolved_at IS NULL AND deleted_at IS NULL;
CREATE INDEX alert_by_assignee ON alerts (assignee_id, created_at, alert_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX alert_by_hand ON alerts (alert_id) WHERE rule_id IS NULL;
CREATE INDEX alert_asleep ON alerts (snoozed_until) WHERE status = 'snoozed';

-- What the dashboard shows is counted once, in steps of 10 s, a minute and an hour, by following the trail.
CREATE TABLE rollup_state (
    audit_id bigint NOT NULL DEFAULT 0,
    dead_letter_id bigint NOT NULL DEFAULT 0,
    rolled_to timestamptz,
    pruned_at timestamptz
);
COMMENT ON TABLE rollup_state IS 'One row: up to which row of the trail and which dead letter everything is counted.';
INSERT INTO rollup_state DEFAULT VALUES;
CREATE UNIQUE INDEX rollup_state_single_row ON rollup_state ((true));

CREATE TABLE rollup_verdicts (
    step_s integer NOT NULL,
    at timestamptz NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    deliveries bigint NOT NULL,
    rejudged bigint NOT NULL,
    PRIMARY KEY (step_s, at, verdict)
);
COMMENT ON COLUMN rollup_verdicts.rejudged IS 'Parked facts that got this verdict later; they came as deliveries before.';

CREATE TABLE rollup_money (
    step_s integer NOT NULL,
    at timestamptz NOT NULL,
    currency text COLLATE "C" NOT NULL,
    exponent smallint NOT NULL,
    -- Sums over all payments, so wider than one payment's.
    captured_minor numeric NOT NULL,
    refunded_minor numeric NOT NULL,
    disputed_minor numeric NOT NULL,
    PRIMARY KEY (step_s, at, currency, exponent)
);

CREATE TABLE rollup_statuses (
    status text COLLATE "C" PRIMARY KEY,
    payments bigint NOT NULL
);

-- Where in the trail a value occurs, by blocks of 512 ids: written by whoever rolls up, so that the trail can be searched
-- by any of its columns without an index that every delivery would pay for.
CREATE TABLE audit_blocks (
    block bigint PRIMARY KEY,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL
);
COMMENT ON COLUMN audit_blocks.block IS 'audit_id >> 9';

CREATE TABLE audit_facets (
    facet text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    PRIMARY KEY (facet, value, block)
);

CREATE TABLE rollup_lags (
    step_s integer NOT NULL,
    at timestamptz NOT NULL,
    counts bigint[] NOT NULL,
    PRIMARY KEY (step_s, at)
);
COMMENT ON COLUMN rollup_lags.counts IS 'Deliveries by their lag from sent to committed, for each bound of LAG_BOUNDS_S, and above the last.';

-- A rule that was deleted keeps its versions, since alerts name them; its name is not used again.
ALTER TABLE rules
    ADD COLUMN retired_at timestamptz,
    ADD CONSTRAINT rule_retired_is_not_enabled CHECK (retired_at IS NULL OR NOT enabled);

-- Replays that the API runs in the background: what was asked for, and how far it is.
CREATE TABLE replays (
    replay_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    correlation_id text COLLATE "C",
    note text NOT NULL DEFAULT '',
    chosen jsonb NOT NULL,
    rate_per_s integer NOT NULL CHECK (rate_per_s >= 1),
    letters_max integer NOT NULL CHECK (letters_max >= 1),
    state text COLLATE "C" NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'stopping', 'done', 'stopped', 'failed')),
    sent integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    failures jsonb NOT NULL DEFAULT '{}',
    error text,
    seen_at timestamptz,
    finished_at timestamptz
);
COMMENT ON COLUMN replays.seen_at IS 'When the process that runs it last said so; one that fell silent is taken over.';
CREATE INDEX replay_to_run ON replays (replay_id) WHERE state IN ('waiting', 'running', 'stopping');
