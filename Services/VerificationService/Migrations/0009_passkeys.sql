-- What authenticators keep as the owner of a user's passkeys: random, so that it says nothing
-- about him (WebAuthn §14.6.1), and one for all of them.
CREATE TABLE verification.passkey_owners (
    user_id     uuid        PRIMARY KEY,
    handle      bytea       NOT NULL UNIQUE CHECK (octet_length(handle) = 32)
);
GRANT SELECT, INSERT, UPDATE (handle) ON verification.passkey_owners TO dubbelslot_verification;
