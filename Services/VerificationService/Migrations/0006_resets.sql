-- Links to choose a new password. A user has one at most, so a newer one makes an older one void;
-- names that nobody has are counted by the very same rows.

CREATE TABLE verification.resets (
    user_id     uuid        PRIMARY KEY,
    -- SHA-256 of the link's token; NULL once it was used, or another password came in between.
    digest      bytea       UNIQUE CHECK (octet_length(digest) = 32),
    expires_at  timestamptz NOT NULL,
    -- Links asked for since then.
    begun       integer     NOT NULL CHECK (begun BETWEEN 1 AND 3),
    begun_since timestamptz NOT NULL
);
CREATE INDEX resets_expiry ON verification.resets (expires_at);

-- What has expired is swept away.
GRANT SELECT, INSERT, DELETE ON verification.resets TO dubbelslot_verification;
GRANT UPDATE (digest, expires_at, begun, begun_since) ON verification.resets
    TO dubbelslot_verification;
