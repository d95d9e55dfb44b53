-- Administrators whose second factors shall go: one asks, another approves.
CREATE TABLE auth.reset_requests (
    id          uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES auth.users (id),
    asked_by    uuid        NOT NULL REFERENCES auth.users (id),
    reason      text        NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 1024),
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    settled_at  timestamptz,
    settled_by  uuid        REFERENCES auth.users (id),
    CHECK (user_id <> asked_by)
);
CREATE UNIQUE INDEX reset_request_of_user ON auth.reset_requests (user_id)
    WHERE settled_at IS NULL;
GRANT SELECT, INSERT ON auth.reset_requests TO dubbelslot_auth;
GRANT UPDATE (id, asked_by, reason, asked_at, expires_at, settled_at, settled_by)
    ON auth.reset_requests TO dubbelslot_auth;

-- Addresses whose owners may make themselves accounts. Nothing else is kept of anybody until he
-- has shown that he reads the mail.
CREATE TABLE auth.sign_ups (
    email_key   text        PRIMARY KEY,
    email       text        NOT NULL CHECK (octet_length(email) <= 320),
    locale      text        NOT NULL,
    -- Whoever becomes of it.
    user_id     uuid        NOT NULL UNIQUE,
    -- SHA-256 of the link's token; NULL where somebody has the address already.
    digest      bytea       UNIQUE CHECK (octet_length(digest) = 32),
    expires_at  timestamptz NOT NULL,
    -- Mails since then.
    begun       integer     NOT NULL CHECK (begun BETWEEN 1 AND 3),
    begun_since timestamptz NOT NULL,
    -- A password may have been made elsewhere.
    tried       boolean     NOT NULL DEFAULT false
);
CREATE INDEX sign_ups_expiry ON auth.sign_ups (expires_at);
-- Confirming uses a row up, and what has expired is swept away.
GRANT SELECT, INSERT, DELETE ON auth.sign_ups TO dubbelslot_auth;
GRANT UPDATE (email, locale, digest, expires_at, begun, begun_since, tried)
    ON auth.sign_ups TO dubbelslot_auth;
