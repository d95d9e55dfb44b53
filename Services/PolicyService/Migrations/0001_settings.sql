-- The two-factor settings, one row per version. A version is never changed or deleted.

CREATE TABLE policy.settings (
    version     bigint      PRIMARY KEY CHECK (version > 0),
    enforcement text        NOT NULL CHECK (enforcement IN ('administrators', 'everyone')),
    verifiers   text[]      NOT NULL CHECK (cardinality(verifiers) BETWEEN 1 AND 64),
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by  uuid,
    reason      text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024)
);

-- A fresh installation is safe: administrators are asked for a second factor at once.
INSERT INTO policy.settings (version, enforcement, verifiers, reason)
VALUES (1, 'administrators', '{totp}', 'Fresh installation');

GRANT SELECT, INSERT ON policy.settings TO dubbelslot_policy;

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
GRANT SELECT ON audit TO dubbelslot_policy;
GRANT INSERT (event, actor, subject, request_id, source, payload) ON audit TO dubbelslot_policy;
