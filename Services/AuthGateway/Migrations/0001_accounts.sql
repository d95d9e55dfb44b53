-- Users, pending sign-ins and sessions. No secret of any user is kept here: passwords and seeds
-- belong to the verification service, tickets and tokens are kept as SHA-256 digests only.

CREATE TABLE auth.users (
    id              uuid        PRIMARY KEY,
    user_name       text        NOT NULL CHECK (char_length(user_name) BETWEEN 1 AND 50),
    -- Case-folded and normalised, so that no two names look alike.
    name_key        text        NOT NULL UNIQUE,
    display_name    text        NOT NULL CHECK (octet_length(display_name) <= 256),
    email           text        CHECK (octet_length(email) <= 320),
    email_key       text        UNIQUE,
    phone           text        UNIQUE CHECK (phone ~ '^\+[0-9]{6,15}$'),
    locale          text        NOT NULL,
    roles           text[]      NOT NULL CHECK (roles <@ '{administrator}'),
    state           text        NOT NULL CHECK (state IN ('active', 'disabled')),
    -- Raised whenever everything that was begun under the old credentials has to end: sessions
    -- and pending sign-ins of an older epoch open nothing.
    epoch           bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_sign_in_at timestamptz,
    CHECK ((email IS NULL) = (email_key IS NULL))
);

CREATE TABLE auth.pending_sign_ins (
    id              uuid        PRIMARY KEY,
    ticket_digest   bytea       NOT NULL UNIQUE CHECK (octet_length(ticket_digest) = 32),
    -- All its steps, in all services, go on under the trace of the first.
    trace_id        uuid        NOT NULL,
    user_id         uuid        NOT NULL REFERENCES auth.users (id),
    user_epoch      bigint      NOT NULL,
    -- Compared and raised by every step, so that of two steps at once one is refused.
    version         bigint      NOT NULL DEFAULT 1,
    stage           text        NOT NULL
        CHECK (stage IN ('verifying', 'binding', 'changing_password', 'finished')),
    offered_authenticators uuid[] NOT NULL DEFAULT '{}',
    offered_verifiers text[]    NOT NULL DEFAULT '{}',
    proved_authenticators uuid[] NOT NULL DEFAULT '{}',
    proved_verifiers text[]     NOT NULL DEFAULT '{}',
    must_change_password boolean NOT NULL,
    bearer          boolean     NOT NULL,
    policy_version  bigint      NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at      timestamptz NOT NULL,
    CHECK (cardinality(proved_authenticators) = cardinality(proved_verifiers))
);
CREATE INDEX pending_sign_ins_of_user ON auth.pending_sign_ins (user_id, started_at);
CREATE INDEX pending_sign_ins_expiry ON auth.pending_sign_ins (expires_at);

CREATE TABLE auth.sessions (
    id              uuid        PRIMARY KEY,
    token_digest    bytea       NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
    user_id         uuid        NOT NULL REFERENCES auth.users (id),
    user_epoch      bigint      NOT NULL,
    methods         text[]      NOT NULL,
    level           integer     NOT NULL CHECK (level IN (1, 2)),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    proved_at       timestamptz NOT NULL,
    last_used_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    idle_seconds    bigint      NOT NULL CHECK (idle_seconds > 0),
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz
);
CREATE INDEX sessions_of_user ON auth.sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON auth.sessions (expires_at);

GRANT SELECT, INSERT ON auth.users TO dubbelslot_auth;
GRANT UPDATE (state, epoch, last_sign_in_at) ON auth.users TO dubbelslot_auth;
-- Expired rows are swept away, so both tables may be deleted from.
GRANT SELECT, INSERT, DELETE ON auth.pending_sign_ins TO dubbelslot_auth;
GRANT UPDATE (user_epoch, version, stage, offered_authenticators, offered_verifiers,
    proved_authenticators, proved_verifiers, must_change_password)
    ON auth.pending_sign_ins TO dubbelslot_auth;
GRANT SELECT, INSERT, DELETE ON auth.sessions TO dubbelslot_auth;
GRANT UPDATE (user_epoch, token_digest, methods, level, proved_at, last_used_at, ended_at)
    ON auth.sessions TO dubbelslot_auth;

-- The audit; the same table in every service's schema.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL CHECK (event ~ '^[a-z_]{1,64}$'),
    actor uuid,
    subject uuid,
    request_id bytea CHECK (octet_length(request_id) = 16),
    source text NOT NULL CHECK (octet_length(source) <= 256),
    payload jsonb NOT NULL DEFAULT '{}',
    sealed_at timestamptz,
    previous_digest bytea CHECK (octet_length(previous_digest) = 32),
    digest bytea CHECK (octet_length(digest) = 32),
    CHECK ((sealed_at IS NULL) = (digest IS NULL))
);
CREATE INDEX audit_subject ON audit (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (id) WHERE sealed_at IS NULL;
GRANT SELECT ON audit TO dubbelslot_auth;
GRANT INSERT (event, actor, subject, request_id, source, payload) ON audit TO dubbelslot_auth;
