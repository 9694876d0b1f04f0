-- Messages whose long wait is spent here rather than in flight, and how much of the queue's budget in flight is used.

CREATE TABLE deferred_messages (
    deferred_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL DEFAULT 0,
    cause text COLLATE "C" NOT NULL CONSTRAINT deferral_cause_known CHECK (cause IN ('long_wait', 'receives_spent')),
    reason text COLLATE "C" NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL CONSTRAINT deferral_attempts_not_negative CHECK (attempts >= 0),
    receives integer NOT NULL CONSTRAINT deferral_was_received CHECK (receives >= 1),
    first_sent_at timestamptz NOT NULL,
    deferred_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    deferred_by text NOT NULL,
    payment_id text COLLATE "C",
    source text COLLATE "C",
    event_id text COLLATE "C",
    correlation_id text COLLATE "C",
    body bytea NOT NULL,
    CONSTRAINT deferred_once UNIQUE (queue, message_id)
);
COMMENT ON TABLE deferred_messages IS 'Each row is the only copy of a message: it was deleted from the queue once the row was committed, and leaves once it was sent again.';
COMMENT ON COLUMN deferred_messages.message_id IS 'SQS message id under which it was first sent, however often it was sent again since.';
COMMENT ON COLUMN deferred_messages.revision IS 'Climbs when the message is deferred again before its row has left: whoever sent the older one must not take this one out.';
CREATE INDEX deferred_by_due ON deferred_messages (queue, due_at, deferred_id);

CREATE TABLE in_flight_budgets (
    queue text COLLATE "C" PRIMARY KEY,
    used integer NOT NULL,
    budget integer NOT NULL,
    share double precision NOT NULL,
    trend_per_s double precision,
    exhausted_in_s double precision,
    told_at timestamptz NOT NULL,
    told_by text NOT NULL
);
COMMENT ON TABLE in_flight_budgets IS 'What the worker that sends deferred messages back last saw of each queue: commands and pages have no trend of their own.';
