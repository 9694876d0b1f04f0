-- The ledger: payments with their sums, their operations, the append-only trail, and what waits or was refused.
-- Ids compare bytewise ("C"), so that every worker locks rows in the same order whatever the database's locale.

CREATE TABLE ledger (
    ledger_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger IS 'One row: the identity of these books. Redis marks carry it with the database, the system and its timeline.';
INSERT INTO ledger DEFAULT VALUES;
CREATE UNIQUE INDEX ledger_single_row ON ledger ((true));

CREATE TABLE payment_transactions (
    payment_id text COLLATE "C" PRIMARY KEY,
    merchant_id text COLLATE "C",
    source text COLLATE "C",
    currency text COLLATE "C",
    exponent smallint NOT NULL DEFAULT 0,
    authorized_minor bigint NOT NULL DEFAULT 0,
    released_minor bigint NOT NULL DEFAULT 0,
    captured_minor bigint NOT NULL DEFAULT 0,
    capture_failed_minor bigint NOT NULL DEFAULT 0,
    refunded_minor bigint NOT NULL DEFAULT 0,
    disputed_minor bigint NOT NULL DEFAULT 0,
    capture_pending_minor bigint NOT NULL DEFAULT 0,
    refund_pending_minor bigint NOT NULL DEFAULT 0,
    overcapture_allowance_minor bigint NOT NULL DEFAULT 0,
    status text COLLATE "C" NOT NULL DEFAULT 'created',
    dispute_status text COLLATE "C" NOT NULL DEFAULT 'none',
    version bigint NOT NULL DEFAULT 0,
    metadata text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- I1: nothing is released that was not authorized.
    CONSTRAINT payment_released_within_authorized CHECK (released_minor BETWEEN 0 AND authorized_minor),
    -- I2: captures and releases fit into the authorizations and what the source allows beyond them.
    CONSTRAINT payment_captured_within_authorized
        CHECK (captured_minor + released_minor <= authorized_minor + overcapture_allowance_minor),
    -- I3: refunds fit into captures; a capture that failed after its refund doesn't undo the refund.
    CONSTRAINT payment_refunded_within_captured CHECK (refunded_minor <= captured_minor + capture_failed_minor),
    CONSTRAINT payment_sums_not_negative CHECK (
        captured_minor >= 0 AND capture_failed_minor >= 0 AND refunded_minor >= 0 AND disputed_minor >= 0
        AND capture_pending_minor >= 0 AND refund_pending_minor >= 0 AND overcapture_allowance_minor >= 0),
    CONSTRAINT payment_exponent_known CHECK (exponent BETWEEN 0 AND 4)
) WITH (fillfactor = 80);
COMMENT ON COLUMN payment_transactions.currency IS 'ISO 4217, fixed when the payment is created; null while the row only anchors facts that wait.';
COMMENT ON COLUMN payment_transactions.disputed_minor IS 'Dispute money withdrawn less reinstated.';
CREATE INDEX payment_by_merchant ON payment_transactions (merchant_id, created_at);
CREATE INDEX payment_by_status ON payment_transactions (status, created_at);

CREATE TABLE payment_operations (
    payment_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    operation_id text COLLATE "C" NOT NULL,
    parent_id text COLLATE "C",
    rank integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL DEFAULT 0,
    reason text COLLATE "C",
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (payment_id, source, kind, operation_id),
    CONSTRAINT operation_amount_not_negative CHECK (amount_minor >= 0)
) WITH (fillfactor = 90);
COMMENT ON COLUMN payment_operations.rank IS 'Place in the lattice of its kind; only ever climbs.';

CREATE TABLE audit_logs (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    -- 0 for the first sight of an event; the row's own id for what came of it later (a duplicate, a
    -- conflict, a parked fact judged again). One index thus proves "once" and finds a payment's trail.
    occurrence bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status text COLLATE "C",
    version bigint,
    fingerprint uuid,
    actor text COLLATE "C" NOT NULL,
    correlation_id text COLLATE "C",
    occurred_at timestamptz,
    recorded_at timestamptz NOT NULL,
    payload text
);
COMMENT ON COLUMN audit_logs.payload IS 'The event as it came, unwrapped; only on the row of its first sight.';
CREATE UNIQUE INDEX audit_once ON audit_logs (payment_id, source, event_id, occurrence);
CREATE INDEX audit_by_time ON audit_logs USING brin (recorded_at) WITH (pages_per_range = 32);

CREATE FUNCTION audit_logs_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_logs is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record a correction as a new entry.';
END $$;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_are_append_only();

CREATE TABLE parked_events (
    payment_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    operation_id text COLLATE "C" NOT NULL,
    parent_id text COLLATE "C",
    merchant_id text COLLATE "C" NOT NULL,
    amount_minor bigint,
    currency text COLLATE "C",
    exponent smallint,
    occurred_at timestamptz NOT NULL,
    reason text COLLATE "C",
    dispute_stage text COLLATE "C",
    dispute_status text COLLATE "C",
    correlation_id text COLLATE "C" NOT NULL,
    fingerprint uuid NOT NULL,
    waits_for text COLLATE "C" NOT NULL,
    parked_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    PRIMARY KEY (payment_id, source, event_id)
);
COMMENT ON COLUMN parked_events.waits_for IS 'Why it could not be applied yet, as the machine says it.';
CREATE INDEX parked_by_deadline ON parked_events (deadline_at);

CREATE TABLE dead_letters (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    class text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    path text COLLATE "C",
    rule text,
    payment_id text COLLATE "C",
    source text COLLATE "C",
    event_id text COLLATE "C",
    correlation_id text COLLATE "C",
    message_id text COLLATE "C" NOT NULL UNIQUE,
    receive_count integer NOT NULL,
    sent_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL
);
COMMENT ON COLUMN dead_letters.message_id IS 'SQS message id: a delivery that comes again after a crash is not listed twice.';
CREATE INDEX dead_letter_by_class ON dead_letters (class, recorded_at);

CREATE TABLE rules (
    rule_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    condition text NOT NULL,
    severity text COLLATE "C" NOT NULL CHECK (severity IN ('info', 'warning', 'high', 'critical')),
    description text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version)
);
CREATE UNIQUE INDEX rule_one_version_enabled ON rules (name) WHERE enabled;

CREATE TABLE alerts (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id bigint NOT NULL REFERENCES rules,
    severity text COLLATE "C" NOT NULL,
    payment_id text COLLATE "C" NOT NULL,
    merchant_id text COLLATE "C",
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    -- The payload's fingerprint is part of the key: one event id with two payloads is two findings.
    fingerprint uuid NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    correlation_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL DEFAULT 'open',
    assignee text,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz
);
CREATE UNIQUE INDEX alert_once ON alerts (payment_id, source, event_id, fingerprint, rule_id);
CREATE INDEX alert_by_severity ON alerts (severity, resolved_at, created_at);
