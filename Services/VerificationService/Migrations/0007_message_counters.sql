-- How many messages were sent, and how many of their codes were right: for each user, receiver
-- and part of the world, and in all. Keys are keyed digests, so no receiver can be read here.

CREATE TABLE verification.message_counters (
    scope       text        NOT NULL CHECK (scope ~ '^[a-z]{1,16}$'),
    key         bytea       NOT NULL CHECK (octet_length(key) = 32),
    -- Of the last hour.
    sent        timestamptz[] NOT NULL DEFAULT '{}',
    verified    timestamptz[] NOT NULL DEFAULT '{}',
    touched_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When an operator was last told that something is wrong with it.
    alarmed_at  timestamptz,
    PRIMARY KEY (scope, key)
);
CREATE INDEX message_counters_touched ON verification.message_counters (touched_at);

-- Those that hold nothing any more are swept away.
GRANT SELECT, INSERT, DELETE ON verification.message_counters TO dubbelslot_verification;
GRANT UPDATE (sent, verified, touched_at, alarmed_at) ON verification.message_counters
    TO dubbelslot_verification;
