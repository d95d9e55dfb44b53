-- The audit read a page at a time, however long it has grown; the same in every service's schema.
DROP INDEX audit_subject;
DROP INDEX IF EXISTS audit_actor;
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_event ON audit (event, at, id);
CREATE INDEX audit_subject ON audit (subject, at, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;

-- How many users there are, and who of them administers, is counted from these.
CREATE INDEX users_state ON auth.users (state);
CREATE INDEX users_administrators ON auth.users (id) WHERE 'administrator' = ANY (roles);

-- How many users there were on a day, and how many of them had bound a second factor.
CREATE TABLE auth.adoption (
    day      date        PRIMARY KEY,
    users    bigint      NOT NULL CHECK (users >= 0),
    bound    bigint      NOT NULL CHECK (bound >= 0),
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- The day that has begun is noted again and again.
GRANT SELECT, INSERT, UPDATE (users, bound, noted_at) ON auth.adoption TO dubbelslot_auth;

-- With what somebody signed in stands in the audit too, and goes with where he was.
CREATE OR REPLACE FUNCTION auth.erase(whom uuid) RETURNS boolean
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
    UPDATE auth.audit SET source = 'erased', payload = payload - 'agent'
        WHERE actor = whom OR (subject = whom AND actor IS NULL);
    -- No name begins so.
    UPDATE auth.users SET state = 'erased', user_name = '@erased', name_key = '@' || id::text,
        display_name = '', email = NULL, email_key = NULL, phone = NULL, locale = '',
        roles = '{}', last_sign_in_at = NULL, password_suspect = false
        WHERE id = whom;
    RETURN true;
END;
$$;
