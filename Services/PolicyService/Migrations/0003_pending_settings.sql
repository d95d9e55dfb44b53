-- Changes that make the settings weaker and wait: for their time, or for another administrator.
-- One that was made for a version which is not the newest any more is void. Whose it is and what
-- it says is never changed; nobody's own word puts it in force before its time.

CREATE TABLE policy.pending_settings (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    version     bigint      NOT NULL REFERENCES policy.settings,
    enforcement text        NOT NULL CHECK (enforcement IN ('administrators', 'everyone')),
    verifiers   text[]      NOT NULL CHECK (cardinality(verifiers) BETWEEN 1 AND 64),
    book        jsonb       NOT NULL CHECK (jsonb_typeof(book -> 'base') = 'object'
        AND octet_length(book::text) <= 1048576),
    weakened    text[]      NOT NULL CHECK (cardinality(weakened) BETWEEN 1 AND 16),
    reason      text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
    proposed_by uuid        NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When it is in force by itself; NULL: never without another administrator.
    due_at      timestamptz,
    state       text        NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'in_force', 'withdrawn')),
    decided_by  uuid,
    decided_at  timestamptz,
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK (state <> 'in_force' OR decided_by IS DISTINCT FROM proposed_by),
    CHECK (state <> 'in_force' OR decided_by IS NOT NULL OR due_at <= decided_at)
);
CREATE INDEX pending_settings_waiting ON policy.pending_settings (version)
    WHERE state = 'waiting';

GRANT SELECT ON policy.pending_settings TO dubbelslot_policy;
GRANT INSERT (version, enforcement, verifiers, book, weakened, reason, proposed_by, due_at)
    ON policy.pending_settings TO dubbelslot_policy;
GRANT UPDATE (state, decided_by, decided_at) ON policy.pending_settings TO dubbelslot_policy;
