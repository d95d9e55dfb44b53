-- Devices that stand in for a second factor, where policy allows it. What a device holds is kept
-- as a SHA-256 digest, and is another after each use.

CREATE TABLE auth.trusted_devices (
    -- Stays when the digest changes.
    id              uuid        PRIMARY KEY,
    user_id         uuid        NOT NULL REFERENCES auth.users (id),
    -- Of an older epoch it stands in for nothing.
    user_epoch      bigint      NOT NULL,
    digest          bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    -- The one before, which an honest browser shows when it has lost an answer.
    previous_digest bytea       CHECK (octet_length(previous_digest) = 32),
    -- The password beside which the trust was given; NULL where a passkey signed in alone, until
    -- it is first used.
    password_id     uuid,
    -- What was proved then, and all that was active.
    authenticator_id uuid       NOT NULL,
    verifier        text        NOT NULL,
    kind            text        NOT NULL,
    bound_authenticators uuid[] NOT NULL,
    -- For whoever looks at the list.
    title           text        NOT NULL CHECK (octet_length(title) <= 64),
    place           text        NOT NULL CHECK (octet_length(place) <= 64),
    trusted_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Fixed when the trust is given.
    expires_at      timestamptz NOT NULL,
    -- Since when it is known that a token came again; then it stands in for nothing.
    reused_at       timestamptz,
    -- Whether its owner has been told of that.
    told            boolean     NOT NULL DEFAULT false
);
CREATE INDEX trusted_devices_of_user ON auth.trusted_devices (user_id, used_at);
CREATE INDEX trusted_devices_expiry ON auth.trusted_devices (expires_at);
CREATE INDEX trusted_devices_untold ON auth.trusted_devices (reused_at)
    WHERE reused_at IS NOT NULL AND NOT told;

-- What was used, so that it is known again.
CREATE TABLE auth.used_trust_tokens (
    digest          bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    trusted_device_id uuid      NOT NULL
        REFERENCES auth.trusted_devices (id) ON DELETE CASCADE
);
CREATE INDEX used_trust_tokens_of_device ON auth.used_trust_tokens (trusted_device_id);

-- By which trusted device a session was opened; it ends with the trust. NULL where its owner has
-- proved a factor himself, then or since.
ALTER TABLE auth.sessions ADD COLUMN trusted_device_id uuid;
CREATE INDEX sessions_of_trusted_device ON auth.sessions (trusted_device_id)
    WHERE trusted_device_id IS NOT NULL AND ended_at IS NULL;

-- Whether the device of a pending sign-in is to be trusted at its end.
ALTER TABLE auth.pending_sign_ins ADD COLUMN trusting boolean NOT NULL DEFAULT false;

GRANT SELECT, INSERT, DELETE ON auth.trusted_devices TO dubbelslot_auth;
GRANT UPDATE (digest, previous_digest, password_id, place, used_at, reused_at, told)
    ON auth.trusted_devices TO dubbelslot_auth;
GRANT SELECT, INSERT ON auth.used_trust_tokens TO dubbelslot_auth;
GRANT UPDATE (trusted_device_id) ON auth.sessions TO dubbelslot_auth;
GRANT UPDATE (trusting) ON auth.pending_sign_ins TO dubbelslot_auth;
