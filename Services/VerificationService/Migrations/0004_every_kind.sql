-- Every kind of second factor: messages, passkeys and recovery codes beside codes of the time.

ALTER TABLE verification.verifiers
    DROP CONSTRAINT verifiers_type_check,
    ADD CHECK (type IN ('totp', 'sms', 'email', 'passkey')),
    -- What the kind needs to know, secrets of providers among it: sealed, bound to its row.
    ADD COLUMN settings bytea CHECK (octet_length(settings) BETWEEN 1 AND 8192),
    ADD COLUMN settings_key text CHECK (octet_length(settings_key) BETWEEN 1 AND 64),
    ADD CHECK ((settings IS NULL) = (settings_key IS NULL)),
    ADD CHECK ((settings IS NULL) = (type = 'totp'));
GRANT UPDATE (settings, settings_key) ON verification.verifiers TO dubbelslot_verification;

ALTER TABLE verification.authenticators
    DROP CONSTRAINT authenticators_kind_check,
    ADD CHECK (kind IN ('password', 'totp', 'sms', 'email', 'passkey', 'recovery')),
    DROP CONSTRAINT authenticators_check1,
    ADD CHECK ((kind IN ('totp', 'sms', 'email', 'passkey')) = (verifier IS NOT NULL)),
    -- A passkey's record holds a public key and an identifier of up to 1023 bytes.
    DROP CONSTRAINT authenticators_sealed_check,
    ADD CHECK (octet_length(sealed) BETWEEN 1 AND 4096),
    -- What its owner calls it.
    ADD COLUMN name text NOT NULL DEFAULT '' CHECK (octet_length(name) <= 128),
    -- How codes of an app are made where that is not the usual way.
    ADD COLUMN parameters text NOT NULL DEFAULT '' CHECK (octet_length(parameters) <= 64),
    -- A passkey is found by the digest of its identifier, and belongs to one user.
    ADD COLUMN credential_digest bytea UNIQUE CHECK (octet_length(credential_digest) = 32),
    ADD CHECK ((kind = 'passkey') = (credential_digest IS NOT NULL)),
    -- The last signature counter of a passkey.
    ADD COLUMN sign_count bigint CHECK (sign_count BETWEEN 0 AND 4294967295),
    ADD CHECK ((kind = 'passkey') = (sign_count IS NOT NULL));
GRANT UPDATE (name, sign_count) ON verification.authenticators TO dubbelslot_verification;

-- What was sent or asked and waits for its answer. It belongs to where it was begun, to what it
-- is to open and to what it proves, so a later one takes the place of an earlier one.
CREATE TABLE verification.challenges (
    context     uuid        NOT NULL,
    purpose     text        NOT NULL CHECK (purpose IN ('sign_in', 'step_up', 'unbind', 'bind')),
    -- The authenticator; while binding what is to become one; nothing but zeros for a passkey
    -- that says by itself whose it is.
    subject     uuid        NOT NULL,
    user_id     uuid,
    kind        text        NOT NULL CHECK (kind IN ('sms', 'email', 'passkey')),
    -- The keyed digest of the code; a passkey's challenge, which is no secret.
    answer      bytea       NOT NULL CHECK (octet_length(answer) = 32),
    tries       integer     NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    resend_at   timestamptz,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (context, purpose, subject),
    CHECK (kind = 'passkey' OR user_id IS NOT NULL)
);
CREATE INDEX challenges_expiry ON verification.challenges (expires_at);
CREATE INDEX challenges_of_user ON verification.challenges (user_id) WHERE user_id IS NOT NULL;
-- Answering consumes, and what has expired is swept away.
GRANT SELECT, INSERT, DELETE ON verification.challenges TO dubbelslot_verification;
GRANT UPDATE (user_id, kind, answer, tries, resend_at, expires_at) ON verification.challenges
    TO dubbelslot_verification;
