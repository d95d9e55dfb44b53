-- Users of other systems, of whom what they brought with them has been taken. It is taken once: a
-- file that is read again brings back nothing that its owner or an administrator has removed.

CREATE TABLE verification.imports (
    user_id     uuid        PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT ON verification.imports TO dubbelslot_verification;
