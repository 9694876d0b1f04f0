-- Commands: what operators ask of payments, and how it gets to the provider.

ALTER TABLE payment_transactions
    ADD COLUMN release_pending_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN amount_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN edited_metadata text,
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN edits bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT payment_sums_not_negative,
    ADD CONSTRAINT payment_sums_not_negative CHECK (
        captured_minor >= 0 AND capture_failed_minor >= 0 AND refunded_minor >= 0 AND disputed_minor >= 0
        AND capture_pending_minor >= 0 AND refund_pending_minor >= 0 AND release_pending_minor >= 0
        AND overcapture_allowance_minor >= 0 AND amount_minor >= 0);
COMMENT ON COLUMN payment_transactions.amount_minor IS 'What is authorized, else the largest attempt, else what the payment was created for.';
COMMENT ON COLUMN payment_transactions.edited_metadata IS 'Metadata as an operator left it; null while the one that came with the payment stands.';
COMMENT ON COLUMN payment_transactions.edits IS 'Changes by operators: metadata and archive. With version it makes the version that the API tells.';

-- A release can be asked for and fail now, so its success is no longer the lowest rank.
UPDATE payment_operations SET rank = 4 WHERE kind = 'release';
UPDATE payment_transactions AS t
SET amount_minor = CASE
    WHEN t.authorized_minor > 0 THEN t.authorized_minor
    ELSE coalesce(
        (SELECT max(o.amount_minor) FROM payment_operations AS o
        WHERE o.payment_id = t.payment_id AND o.kind = 'authorization'), 0)
END;

CREATE TABLE commands (
    command_id text COLLATE "C" PRIMARY KEY,
    payment_id text COLLATE "C" NOT NULL,
    command text COLLATE "C" NOT NULL CHECK (command IN ('capture', 'void', 'refund', 'cancel')),
    source text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    operation_id text COLLATE "C" NOT NULL,
    amount_minor bigint,
    reason text,
    requested_by text NOT NULL,
    correlation_id text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    message text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    send_at timestamptz,
    sent_at timestamptz,
    answer_by timestamptz,
    last_error text,
    UNIQUE (payment_id, source, kind, operation_id)
);
COMMENT ON TABLE commands IS 'The outbox: written in the transaction that takes the hold, sent afterwards. What became of a command is the state of its operation.';
COMMENT ON COLUMN commands.message IS 'What the provider''s adapter gets, as JSON.';
COMMENT ON COLUMN commands.send_at IS 'When it is sent, or tried again; null once it was.';
COMMENT ON COLUMN commands.answer_by IS 'When its operation becomes unknown if nobody has said anything of it; null once that was looked at.';
CREATE INDEX command_by_payment ON commands (payment_id, command_id);
CREATE INDEX command_to_send ON commands (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX command_to_answer ON commands (answer_by) WHERE answer_by IS NOT NULL;

-- What operators filter and sort by: a page of any filter is a walk along one of these, or a few thousand rows sorted. All of
-- them cost a worker 6 of 31 µs of PostgreSQL's time an event (docs/decisions.md). Columns that change with most facts are
-- in two only, status and updated_at.
CREATE INDEX payment_by_time ON payment_transactions (created_at, payment_id);
CREATE INDEX payment_by_change ON payment_transactions (updated_at, payment_id);
CREATE INDEX payment_by_amount ON payment_transactions (amount_minor, payment_id);
CREATE INDEX payment_by_currency ON payment_transactions (currency, amount_minor, payment_id);
CREATE INDEX payment_by_source ON payment_transactions (source);
CREATE INDEX payment_disputed ON payment_transactions (dispute_status, created_at) WHERE dispute_status <> 'none';
CREATE INDEX payment_archived ON payment_transactions (created_at) WHERE archived_at IS NOT NULL;
CREATE INDEX operation_by_id ON payment_operations (operation_id);
