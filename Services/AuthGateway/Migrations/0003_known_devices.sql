-- Browsers that have signed in to an account before. What a browser holds is kept as a SHA-256
-- digest; it opens nothing, but failures elsewhere do not keep it waiting. A browser that several
-- people use has a row for each of them, with one digest.

CREATE TABLE auth.known_devices (
    -- Stays when the digest changes, as it does with each sign-in.
    id              uuid        PRIMARY KEY,
    user_id         uuid        NOT NULL REFERENCES auth.users (id),
    -- A device of an older epoch is not known any more.
    user_epoch      bigint      NOT NULL,
    digest          bytea       NOT NULL CHECK (octet_length(digest) = 32),
    made_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at      timestamptz NOT NULL,
    UNIQUE (digest, user_id)
);
CREATE INDEX known_devices_of_user ON auth.known_devices (user_id, used_at);
CREATE INDEX known_devices_expiry ON auth.known_devices (expires_at);

-- Which device a sign-in began on and a session was opened on; NULL where it was none.
ALTER TABLE auth.pending_sign_ins ADD COLUMN device_id uuid;
ALTER TABLE auth.sessions ADD COLUMN device_id uuid;

-- The oldest make room for new ones, and expired ones are swept away.
GRANT SELECT, INSERT, DELETE ON auth.known_devices TO dubbelslot_auth;
GRANT UPDATE (user_epoch, digest, used_at, expires_at) ON auth.known_devices TO dubbelslot_auth;
