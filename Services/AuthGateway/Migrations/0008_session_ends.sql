-- Whose password somebody else may know, as its owner has said: it is replaced at the next
-- sign-in with it.
ALTER TABLE auth.users ADD COLUMN password_suspect boolean NOT NULL DEFAULT false;
GRANT UPDATE (password_suspect) ON auth.users TO dubbelslot_auth;

-- What the owner of a session may know it by: from where and with what it was opened.
ALTER TABLE auth.sessions
    ADD COLUMN place text NOT NULL DEFAULT '' CHECK (octet_length(place) <= 64),
    ADD COLUMN agent text NOT NULL DEFAULT '' CHECK (octet_length(agent) <= 256),
    -- The service that opened it for a single sign-on; NULL for a sign-in here.
    ADD COLUMN caller text CHECK (octet_length(caller) <= 256);

-- How a sign-in began where an identity provider has signed the user in: which service said so, of
-- which provider, and what its word is worth.
ALTER TABLE auth.pending_sign_ins
    ADD COLUMN sso_caller text CHECK (octet_length(sso_caller) <= 256),
    ADD COLUMN sso_provider text CHECK (octet_length(sso_provider) <= 200),
    ADD COLUMN sso_methods text[],
    ADD COLUMN sso_level integer CHECK (sso_level IN (1, 2)),
    ADD CHECK (num_nulls(sso_caller, sso_provider, sso_methods, sso_level) IN (0, 4)),
    ADD CHECK (sso_caller IS NULL OR password_id IS NULL);

-- What has ended, for services that keep what they were told of sessions. Rows are made by
-- triggers, so that no statement that ends a session can forget it.
CREATE TABLE auth.revocations (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Rows appear in another order than they are made in; which of them a watcher has seen says
    -- the snapshot that he looked with.
    made_by         xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Has ended, or is opened by another token now.
    session_id      uuid,
    -- His sessions of an older epoch have ended, or he has other roles now.
    user_id         uuid,
    CHECK (num_nonnulls(session_id, user_id) = 1)
);
CREATE INDEX revocations_made_by ON auth.revocations (made_by);
CREATE INDEX revocations_at ON auth.revocations (at);
GRANT SELECT, DELETE ON auth.revocations TO dubbelslot_auth;

CREATE FUNCTION auth.note_session_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocations (session_id) VALUES (NEW.id);
    PERFORM pg_notify('auth_revocations', '');
    RETURN NULL;
END $$;
CREATE TRIGGER note_end AFTER UPDATE OF ended_at, token_digest ON auth.sessions
    FOR EACH ROW WHEN (OLD.ended_at IS NULL
        AND (NEW.ended_at IS NOT NULL OR OLD.token_digest <> NEW.token_digest))
    EXECUTE FUNCTION auth.note_session_end();

CREATE FUNCTION auth.note_user_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.revocations (user_id) VALUES (NEW.id);
    PERFORM pg_notify('auth_revocations', '');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE OF epoch, state, roles, user_name ON auth.users
    FOR EACH ROW WHEN (OLD.epoch <> NEW.epoch OR OLD.state <> NEW.state
        OR OLD.roles <> NEW.roles OR OLD.user_name <> NEW.user_name)
    EXECUTE FUNCTION auth.note_user_change();
