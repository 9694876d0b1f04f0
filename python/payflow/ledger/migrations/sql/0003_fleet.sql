-- What workers are asked to do, and what they say of themselves.

CREATE TABLE fleet (
    -- Climbs with every order, to the fleet or to one worker. A worker tells the newest that it obeys.
    revision bigint NOT NULL DEFAULT 0,
    state text COLLATE "C" NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'draining')),
    exits boolean NOT NULL DEFAULT false,
    state_revision bigint NOT NULL DEFAULT 0,
    rate_per_s double precision CHECK (rate_per_s BETWEEN 0.01 AND 1000000),
    merchant_rates jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(merchant_rates) = 'object'),
    concurrency_max integer CHECK (concurrency_max BETWEEN 1 AND 1024),
    batch_size_max integer CHECK (batch_size_max BETWEEN 1 AND 5000),
    changed_by text NOT NULL DEFAULT 'payflow',
    changed_at timestamptz NOT NULL DEFAULT now(),
    note text NOT NULL DEFAULT '',
    CONSTRAINT fleet_exits_when_drained CHECK (NOT exits OR state = 'draining')
);
COMMENT ON TABLE fleet IS 'One row: what all workers are asked to do. audit_logs has the history.';
COMMENT ON COLUMN fleet.exits IS 'Workers that ran when this was ordered end once they are drained; later ones stay.';
COMMENT ON COLUMN fleet.state_revision IS 'The revision at which state and exits were ordered.';
COMMENT ON COLUMN fleet.rate_per_s IS 'Deliveries a second that all workers together receive; null: as many as they can.';
COMMENT ON COLUMN fleet.merchant_rates IS 'Events a second by merchant_id, for all workers together.';
INSERT INTO fleet DEFAULT VALUES;
CREATE UNIQUE INDEX fleet_single_row ON fleet ((true));

-- Each row is renewed every few seconds: half of each page stays free, so that it stays on its page and no index changes.
CREATE TABLE fleet_workers (
    worker_id text COLLATE "C" PRIMARY KEY,
    started_at timestamptz NOT NULL,
    heartbeat_interval_s double precision NOT NULL CHECK (heartbeat_interval_s > 0),
    seen_at timestamptz NOT NULL,
    stopped boolean NOT NULL DEFAULT false,
    lanes integer NOT NULL,
    announcement text NOT NULL,
    ordered_state text COLLATE "C" CHECK (ordered_state IN ('paused', 'draining')),
    ordered_exits boolean NOT NULL DEFAULT false,
    ordered_revision bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON COLUMN fleet_workers.seen_at IS 'The database''s own time of the last heartbeat, so that no worker''s clock decides who is dead.';
COMMENT ON COLUMN fleet_workers.announcement IS 'What the worker said last, as JSON.';
COMMENT ON COLUMN fleet_workers.ordered_state IS 'What this one worker is asked to do; null: nothing of its own. It ends with the worker.';
