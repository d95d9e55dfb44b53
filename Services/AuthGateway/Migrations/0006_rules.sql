-- Until when a user may put off binding a second factor. Granted once, when a rule first lets him
-- in so; from then on only an administrator changes it.
CREATE TABLE auth.grace_grants (
    user_id    uuid        PRIMARY KEY REFERENCES auth.users (id),
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    until      timestamptz NOT NULL,
    -- Set by an administrator: then it holds beyond the date of the rules.
    extended   boolean     NOT NULL DEFAULT false
);
GRANT SELECT, INSERT ON auth.grace_grants TO dubbelslot_auth;
GRANT UPDATE (until, extended) ON auth.grace_grants TO dubbelslot_auth;

-- The fewest code points of the password that a sign-in is to replace, as policy last decided.
ALTER TABLE auth.pending_sign_ins ADD COLUMN password_length_min integer NOT NULL DEFAULT 0
    CHECK (password_length_min >= 0);
GRANT UPDATE (password_length_min) ON auth.pending_sign_ins TO dubbelslot_auth;

-- How long a proof serves in a session is decided when it opens, as its other limits are.
ALTER TABLE auth.sessions ADD COLUMN step_up_seconds bigint NOT NULL DEFAULT 300
    CHECK (step_up_seconds > 0);
