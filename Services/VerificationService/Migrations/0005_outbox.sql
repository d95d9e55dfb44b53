-- Messages that wait to be sent. A row is written by the statement that decides, so neither
-- stands without the other; whoever sends it afterwards may do so twice after a crash, but it is
-- the same message.

CREATE TABLE verification.outbox (
    id          uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL,
    channel     text        NOT NULL CHECK (channel IN ('mail', 'sms')),
    -- What it is about, for whoever reads this table.
    subject     text        NOT NULL CHECK (subject ~ '^[a-z_]{1,64}$'),
    -- Receiver, values and what the message says, codes and links among it: bound to row and
    -- user. It goes as soon as it is not needed any more.
    sealed      bytea       CHECK (octet_length(sealed) BETWEEN 1 AND 4096),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    -- Before it nobody takes the message: it rests, or somebody is sending it.
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Which taking of it counts: whoever took it earlier settles nothing.
    tries       integer     NOT NULL DEFAULT 0 CHECK (tries >= 0),
    outcome     text        CHECK (outcome ~ '^[a-z_]{1,64}$'),
    settled_at  timestamptz,
    CHECK ((outcome IS NULL) = (sealed IS NOT NULL)),
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
CREATE INDEX outbox_due ON verification.outbox (channel, due_at) WHERE sealed IS NOT NULL;
CREATE INDEX outbox_settled ON verification.outbox (settled_at) WHERE settled_at IS NOT NULL;

-- What was settled long ago is swept away.
GRANT SELECT, INSERT, DELETE ON verification.outbox TO dubbelslot_verification;
GRANT UPDATE (sealed, due_at, tries, outcome, settled_at) ON verification.outbox
    TO dubbelslot_verification;
