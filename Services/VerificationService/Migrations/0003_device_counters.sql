-- A browser that has signed in to an account before has counters of its own, so that failures
-- elsewhere do not keep it waiting. Every try is counted at the authenticator too, whose limit
-- stands over all.

CREATE TABLE verification.device_counters (
    user_id     uuid        NOT NULL,
    authenticator_id uuid   NOT NULL,
    -- As the gateway names it, which alone knows the browser.
    device_id   uuid        NOT NULL,

    -- The counting columns of an authenticator, with the same meaning.
    state       text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    failed      integer     NOT NULL DEFAULT 0 CHECK (failed BETWEEN 0 AND 100),
    reserved    integer     NOT NULL DEFAULT 0 CHECK (reserved BETWEEN 0 AND 100),
    reserved_at timestamptz NOT NULL,
    round       bigint      NOT NULL DEFAULT 0,
    delayed_until timestamptz,

    PRIMARY KEY (user_id, authenticator_id, device_id),
    CONSTRAINT device_counters_authenticator FOREIGN KEY (user_id, authenticator_id)
        REFERENCES verification.authenticators (user_id, id)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX device_counters_by_last_try ON verification.device_counters (reserved_at);
CREATE INDEX device_counters_delayed ON verification.device_counters (authenticator_id)
    WHERE delayed_until IS NOT NULL;

-- A new password takes the counters of the old one away, and old ones are swept.
GRANT SELECT, INSERT, DELETE ON verification.device_counters TO dubbelslot_verification;
GRANT UPDATE (state, failed, reserved, reserved_at, round, delayed_until)
    ON verification.device_counters TO dubbelslot_verification;
