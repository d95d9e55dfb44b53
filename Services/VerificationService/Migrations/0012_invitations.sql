-- Links with which somebody who was invited chooses his first password. A user has one at most,
-- apart from the links that he may ask for himself, which anybody may ask for.
CREATE TABLE verification.invitations (
    user_id     uuid        PRIMARY KEY,
    -- SHA-256 of the link's token.
    digest      bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX invitations_expiry ON verification.invitations (expires_at);
-- Choosing a password uses it up, any other password ends it, and what has expired is swept away.
GRANT SELECT, INSERT, DELETE ON verification.invitations TO dubbelslot_verification;
GRANT UPDATE (digest, expires_at) ON verification.invitations TO dubbelslot_verification;

-- Of a user who is erased nothing stays.
GRANT DELETE ON verification.imports, verification.passkey_owners TO dubbelslot_verification;
CREATE INDEX outbox_of_user ON verification.outbox (user_id);
