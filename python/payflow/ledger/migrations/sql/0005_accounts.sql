-- Accounts, their sessions and one-time links; and the replies that idempotent calls are answered with again.

CREATE SEQUENCE access_versions;
COMMENT ON SEQUENCE access_versions IS 'Stamps each change of what a session may do, so that a late reader never overwrites news with old news.';

CREATE TABLE users (
    user_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text COLLATE "C" NOT NULL,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL CONSTRAINT user_role_known CHECK (role IN ('read_only', 'operator', 'admin')),
    password_hash text,
    preferences jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    password_changed_at timestamptz,
    last_sign_in_at timestamptz,
    disabled_at timestamptz,
    CONSTRAINT user_email_in_one_spelling CHECK (email = lower(email))
);
COMMENT ON COLUMN users.password_hash IS 'argon2id; null until an invitation is accepted, and for those who only sign in elsewhere.';
CREATE UNIQUE INDEX user_by_email ON users (email);

CREATE TABLE user_identities (
    provider text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL REFERENCES users,
    email text COLLATE "C" NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (provider, subject)
);
COMMENT ON TABLE user_identities IS 'Accounts at identity providers; linked once by a verified e-mail, found by subject from then on.';
CREATE UNIQUE INDEX identity_one_of_a_provider ON user_identities (user_id, provider);

CREATE TABLE sessions (
    session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    access_version bigint NOT NULL DEFAULT nextval('access_versions'),
    generation bigint NOT NULL DEFAULT 1,
    salt bytea NOT NULL,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_for text COLLATE "C",
    signed_in_by text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    user_agent text NOT NULL DEFAULT ''
);
COMMENT ON TABLE sessions IS 'A family of refresh tokens: one generation is current, the one before it good for seconds, any other one a theft.';
COMMENT ON COLUMN sessions.salt IS 'Part of what refresh tokens are derived from; neither it nor the signing key alone makes one.';
CREATE INDEX session_by_user ON sessions (user_id, created_at) WHERE revoked_at IS NULL;
CREATE INDEX session_by_expiry ON sessions (expires_at);

CREATE TABLE one_time_links (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    purpose text COLLATE "C" NOT NULL
        CONSTRAINT link_purpose_known CHECK (purpose IN ('invitation', 'password_reset')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX link_by_user ON one_time_links (user_id) WHERE used_at IS NULL;

CREATE TABLE idempotency_keys (
    principal text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (principal, method, route, key)
);
COMMENT ON TABLE idempotency_keys IS 'Written in the transaction that does the work: a row here means that it was done, and how it was answered.';
CREATE INDEX idempotency_by_expiry ON idempotency_keys (expires_at);
