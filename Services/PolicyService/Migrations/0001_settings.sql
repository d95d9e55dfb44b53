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

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA policy TO dubbelslot_policy;
GRANT SELECT, INSERT ON policy.settings TO dubbelslot_policy;
