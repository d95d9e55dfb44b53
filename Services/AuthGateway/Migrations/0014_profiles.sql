-- What users are called and where mail to them goes changes. The service's role may not write that
-- itself: one statement that goes wrong would give somebody else's address to everybody. These
-- change one user, and say what they changed; NULL or no row where there is none such.

CREATE FUNCTION auth.change_profile(whom uuid, called text, tag text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was auth.users%ROWTYPE;
BEGIN
    SELECT * INTO was FROM auth.users
        WHERE id = whom AND state IN ('active', 'disabled') FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE auth.users SET display_name = called, locale = tag WHERE id = whom;
    RETURN array_remove(ARRAY[
        CASE WHEN was.display_name <> called THEN 'display_name' END,
        CASE WHEN was.locale <> tag THEN 'locale' END], NULL);
END;
$$;
REVOKE ALL ON FUNCTION auth.change_profile(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.change_profile(uuid, text, text) TO dubbelslot_auth;

-- The earlier address is told where it was another one, not where it was written otherwise.
CREATE FUNCTION auth.change_addresses(whom uuid, mail text, mail_key text, number text)
RETURNS TABLE (changed text[], earlier_mail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was auth.users%ROWTYPE;
BEGIN
    SELECT * INTO was FROM auth.users
        WHERE id = whom AND state IN ('active', 'disabled') FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE auth.users SET email = mail, email_key = mail_key, phone = number WHERE id = whom;
    changed := array_remove(ARRAY[
        CASE WHEN was.email IS DISTINCT FROM mail THEN 'email' END,
        CASE WHEN was.phone IS DISTINCT FROM number THEN 'phone' END], NULL);
    earlier_mail := CASE WHEN was.email_key IS DISTINCT FROM mail_key THEN was.email END;
    RETURN NEXT;
END;
$$;
REVOKE ALL ON FUNCTION auth.change_addresses(uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.change_addresses(uuid, text, text, text) TO dubbelslot_auth;

-- Links that went to an earlier address are ended elsewhere.
ALTER TABLE auth.unfinished
    DROP CONSTRAINT unfinished_work_check,
    ADD CONSTRAINT unfinished_work_check CHECK (work IN ('creation', 'invitation',
        'authenticators_reset', 'password_reset', 'address_change', 'erasure', 'erasure_again'));

-- Of many users few are of these, and lists of them go by name.
CREATE INDEX administrators_by_name ON auth.users (name_key)
    WHERE 'administrator' = ANY (roles);
CREATE INDEX inactive_users_by_name ON auth.users (name_key) WHERE state <> 'active';
