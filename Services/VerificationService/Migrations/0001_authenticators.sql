-- Who can prove himself with what. Passwords and seeds stand here sealed under keys that the
-- database never sees (associated data: table, column, row and user), so a copy of it opens
-- nothing and a value moved to another row is refused.

CREATE TABLE verification.verifiers (
    uid         text        PRIMARY KEY CHECK (uid ~ '^[A-Za-z0-9_-]{1,64}$'),
    type        text        NOT NULL CHECK (type IN ('totp')),
    title       text        NOT NULL CHECK (octet_length(title) BETWEEN 1 AND 256),
    description text        NOT NULL CHECK (octet_length(description) <= 1024),
    -- Empty: the installation's.
    issuer      text        NOT NULL CHECK (octet_length(issuer) <= 128),
    version     bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE verification.authenticators (
    user_id     uuid        NOT NULL,
    id          uuid        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('password', 'totp')),
    verifier    text        REFERENCES verification.verifiers (uid),
    -- NULL makes the row a decoy: the password of a user unknown here. It is counted by the very
    -- statements that count real ones, so that delays do not tell who exists.
    sealed      bytea       CHECK (octet_length(sealed) BETWEEN 1 AND 1024),
    key_id      text        CHECK (octet_length(key_id) BETWEEN 1 AND 64),
    state       text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),

    -- Tries: failed + reserved never passes the limit. A try is reserved, checked, settled.
    failed      integer     NOT NULL DEFAULT 0 CHECK (failed BETWEEN 0 AND 100),
    reserved    integer     NOT NULL DEFAULT 0 CHECK (reserved BETWEEN 0 AND 100),
    reserved_at timestamptz,
    -- Raised when all reservations become void at once: a try of an older round settles nothing.
    round       bigint      NOT NULL DEFAULT 0,
    delayed_until timestamptz,

    -- Passwords.
    must_change boolean     NOT NULL DEFAULT false,
    initial_expires_at timestamptz,
    initial_used_at timestamptz,

    -- Time-based codes: the last step accepted, and what is known of the drift of the device's
    -- clock (in a form of the code's own).
    last_step   bigint      CHECK (last_step >= 0),
    drift       bigint      NOT NULL DEFAULT 0,

    bound_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz,

    PRIMARY KEY (user_id, id),
    CHECK ((sealed IS NULL) = (key_id IS NULL)),
    CHECK ((kind = 'totp') = (verifier IS NOT NULL)),
    CHECK (kind = 'password' OR sealed IS NOT NULL),
    CHECK (must_change = (initial_expires_at IS NOT NULL))
);
CREATE UNIQUE INDEX password_of_user ON verification.authenticators (user_id)
    WHERE kind = 'password';
CREATE INDEX authenticators_of_verifier ON verification.authenticators (verifier, user_id)
    WHERE verifier IS NOT NULL;
CREATE INDEX decoys_by_last_try ON verification.authenticators (reserved_at)
    WHERE sealed IS NULL;

-- Seeds that wait for their first code; a user has one at most.
CREATE TABLE verification.bindings (
    user_id     uuid        PRIMARY KEY,
    id          uuid        NOT NULL,
    context     uuid        NOT NULL,
    verifier    text        NOT NULL REFERENCES verification.verifiers (uid),
    sealed      bytea       NOT NULL CHECK (octet_length(sealed) BETWEEN 1 AND 1024),
    tries       integer     NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX bindings_expiry ON verification.bindings (expires_at);

GRANT USAGE ON SCHEMA verification TO dubbelslot_verification;
-- An administrator deletes verifiers, with what is bound under them.
GRANT SELECT, INSERT, DELETE ON verification.verifiers TO dubbelslot_verification;
GRANT UPDATE (title, description, issuer, version) ON verification.verifiers
    TO dubbelslot_verification;
-- Unbinding and resetting delete, and old decoys are swept away.
GRANT SELECT, INSERT, DELETE ON verification.authenticators TO dubbelslot_verification;
GRANT UPDATE (id, sealed, key_id, state, failed, reserved, reserved_at, round, delayed_until,
    must_change, initial_expires_at, initial_used_at, last_step, drift, bound_at, last_used_at)
    ON verification.authenticators TO dubbelslot_verification;
-- The first code consumes a binding, and expired ones are swept away.
GRANT SELECT, INSERT, DELETE ON verification.bindings TO dubbelslot_verification;
GRANT UPDATE (id, context, verifier, sealed, tries, expires_at) ON verification.bindings
    TO dubbelslot_verification;

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
GRANT SELECT ON audit TO dubbelslot_verification;
GRANT INSERT (event, actor, subject, request_id, source, payload) ON audit
    TO dubbelslot_verification;
