-- Recovery codes: each stands in for a lost authenticator, once. Only keyed digests stand here,
-- with the user in what was digested. One row of kind 'recovery' among the user's authenticators
-- carries the counters; its id names the set in force, and what goes with it goes with that row.

CREATE UNIQUE INDEX recovery_of_user ON verification.authenticators (user_id)
    WHERE kind = 'recovery';

CREATE TABLE verification.recovery_codes (
    user_id     uuid        NOT NULL,
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    -- Of the ring: digests cannot be made anew under another key, so it stays while they do.
    key_id      text        NOT NULL CHECK (octet_length(key_id) BETWEEN 1 AND 64),
    authenticator_id uuid   NOT NULL,
    -- The authenticator's id when the codes were made. Where that has another by now, a newer set
    -- is in force and these codes are void, whether they have been cleared away or not.
    set_id      uuid        NOT NULL,
    used_at     timestamptz,

    PRIMARY KEY (user_id, digest),
    CONSTRAINT recovery_codes_authenticator FOREIGN KEY (user_id, authenticator_id)
        REFERENCES verification.authenticators (user_id, id)
        ON UPDATE CASCADE ON DELETE CASCADE
);

-- Using a code marks it; a newer set clears the older away.
GRANT SELECT, INSERT, DELETE ON verification.recovery_codes TO dubbelslot_verification;
GRANT UPDATE (used_at) ON verification.recovery_codes TO dubbelslot_verification;
