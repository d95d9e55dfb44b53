-- What is done in several steps, over all services, and how a user is erased.

ALTER TABLE auth.users
    DROP CONSTRAINT users_state_check,
    -- Whoever is being erased is nobody already; of whoever is erased the identifier stays alone.
    ADD CONSTRAINT users_state_check
        CHECK (state IN ('active', 'disabled', 'erasing', 'erased'));

-- What was begun with a user and has steps left. A row goes with the last of them.
CREATE TABLE auth.unfinished (
    user_id     uuid        NOT NULL REFERENCES auth.users (id),
    work        text        NOT NULL CHECK (work IN ('creation', 'invitation',
        'authenticators_reset', 'password_reset', 'erasure', 'erasure_again')),
    actor       uuid,
    reason      text        NOT NULL CHECK (octet_length(reason) <= 1024),
    begun_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Before it nobody takes the work up: somebody is at it.
    due_at      timestamptz NOT NULL,
    tries       integer     NOT NULL DEFAULT 0 CHECK (tries >= 0),
    PRIMARY KEY (user_id, work)
);
CREATE INDEX unfinished_due ON auth.unfinished (due_at);
GRANT SELECT, INSERT, DELETE ON auth.unfinished TO dubbelslot_auth;
GRANT UPDATE (work, actor, reason, due_at, tries) ON auth.unfinished TO dubbelslot_auth;

-- Where somebody was when he did something is his own, so it goes with him.
CREATE INDEX audit_actor ON auth.audit (actor, id) WHERE actor IS NOT NULL;

-- The service's role may change no name, no role and no row of the audit. To erase it may call
-- this, which touches nobody but whoever is being erased. What the audit keeps is what was done,
-- by the identifiers of those who did it.
CREATE FUNCTION auth.erase(whom uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.users WHERE id = whom AND state = 'erasing' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM auth.pending_sign_ins WHERE user_id = whom;
    DELETE FROM auth.sessions WHERE user_id = whom;
    DELETE FROM auth.known_devices WHERE user_id = whom;
    DELETE FROM auth.trusted_devices WHERE user_id = whom;
    DELETE FROM auth.grace_grants WHERE user_id = whom;
    DELETE FROM auth.reset_requests WHERE user_id = whom OR asked_by = whom;
    UPDATE auth.reset_requests SET settled_by = NULL WHERE settled_by = whom;
    UPDATE auth.audit SET source = 'erased'
        WHERE actor = whom OR (subject = whom AND actor IS NULL);
    -- No name begins so.
    UPDATE auth.users SET state = 'erased', user_name = '@erased', name_key = '@' || id::text,
        display_name = '', email = NULL, email_key = NULL, phone = NULL, locale = '',
        roles = '{}', last_sign_in_at = NULL, password_suspect = false
        WHERE id = whom;
    RETURN true;
END;
$$;
REVOKE ALL ON FUNCTION auth.erase(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.erase(uuid) TO dubbelslot_auth;
