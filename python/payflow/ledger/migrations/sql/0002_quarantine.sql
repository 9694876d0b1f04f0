-- Dead letters have a fate, operators leave a record, and what waits or was refused is found by what operators ask for.

ALTER TABLE dead_letters
    ADD COLUMN status text COLLATE "C" NOT NULL DEFAULT 'open'
        CONSTRAINT dead_letter_status_known CHECK (status IN ('open', 'replayed', 'discarded')),
    ADD COLUMN status_by text,
    ADD COLUMN status_at timestamptz,
    ADD COLUMN status_note text,
    ADD CONSTRAINT dead_letter_closed_by_somebody CHECK (status = 'open' OR (status_by IS NOT NULL AND status_at IS NOT NULL));
COMMENT ON COLUMN dead_letters.status IS 'What the last operator action made of it; operator_actions has all of them.';
COMMENT ON COLUMN dead_letters.message_id IS 'SQS message id: a delivery that comes again after a crash is not listed twice. An orphan came with no message: orphaned: and its row of the trail.';
CREATE INDEX dead_letter_open ON dead_letters (dead_letter_id) WHERE status = 'open';
CREATE INDEX dead_letter_by_payment ON dead_letters (payment_id, dead_letter_id) WHERE payment_id IS NOT NULL;
CREATE INDEX parked_by_time ON parked_events (parked_at);

CREATE TABLE operator_actions (
    action_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action text COLLATE "C" NOT NULL
        CHECK (action IN ('letter_replayed', 'letter_discarded', 'fact_discarded', 'fact_linked')),
    dead_letter_id bigint REFERENCES dead_letters,
    payment_id text COLLATE "C",
    source text COLLATE "C",
    event_id text COLLATE "C",
    actor text NOT NULL,
    note text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL,
    CONSTRAINT operator_action_names_its_subject CHECK (
        dead_letter_id IS NOT NULL OR (payment_id IS NOT NULL AND source IS NOT NULL AND event_id IS NOT NULL))
);
COMMENT ON TABLE operator_actions IS 'Append-only: who did what to which dead letter or parked fact, and why.';
CREATE INDEX operator_action_by_letter ON operator_actions (dead_letter_id) WHERE dead_letter_id IS NOT NULL;
CREATE INDEX operator_action_by_payment ON operator_actions (payment_id, action_id) WHERE payment_id IS NOT NULL;

CREATE FUNCTION operator_actions_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'operator_actions is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record a correction as a new entry.';
END $$;
CREATE TRIGGER operator_actions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_actions
    FOR EACH STATEMENT EXECUTE FUNCTION operator_actions_are_append_only();
