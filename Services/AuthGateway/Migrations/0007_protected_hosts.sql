-- Sessions at hosts of other applications, each of which has a cookie of its own: it opens that
-- host and nothing else, and only while the session behind it is in force. Like all tokens, codes
-- and cookies are kept as SHA-256 digests.

-- How a session gets to a host: by a code that works once, soon, there, and in the browser that
-- holds the secret whose digest `challenge` is.
CREATE TABLE auth.hand_overs (
    code_digest     bytea       PRIMARY KEY CHECK (octet_length(code_digest) = 32),
    session_id      uuid        NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE,
    -- The level that the session had then: a later proof raises nothing that is under way.
    level           integer     NOT NULL CHECK (level IN (1, 2)),
    host            text        NOT NULL CHECK (octet_length(host) BETWEEN 1 AND 300),
    challenge       bytea       NOT NULL CHECK (octet_length(challenge) = 32),
    target          text        NOT NULL CHECK (octet_length(target) BETWEEN 1 AND 2048),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX hand_overs_expiry ON auth.hand_overs (expires_at);
CREATE INDEX hand_overs_of_session ON auth.hand_overs (session_id);

-- A browser has one cookie of a host, so a session has one row for it.
CREATE TABLE auth.host_sessions (
    session_id      uuid        NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE,
    host            text        NOT NULL CHECK (octet_length(host) BETWEEN 1 AND 300),
    token_digest    bytea       NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
    level           integer     NOT NULL CHECK (level IN (1, 2)),
    PRIMARY KEY (session_id, host)
);

GRANT SELECT, INSERT, DELETE ON auth.hand_overs TO dubbelslot_auth;
GRANT SELECT, INSERT ON auth.host_sessions TO dubbelslot_auth;
GRANT UPDATE (token_digest, level) ON auth.host_sessions TO dubbelslot_auth;
