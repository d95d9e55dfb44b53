-- Roles change. Who has become an administrator has not been one longer than that, however old his
-- account is: what takes a second administrator takes one who was not made for it.
ALTER TABLE auth.users ADD COLUMN roles_since timestamptz NOT NULL DEFAULT clock_timestamp();
UPDATE auth.users SET roles_since = created_at;

-- The service's role may not write roles itself: one statement that goes wrong would make
-- everybody an administrator. This gives them to one user, raises his epoch, and leaves one active
-- administrator at least. True when something was changed.
CREATE FUNCTION auth.set_roles(whom uuid, words text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.users WHERE state = 'active' AND 'administrator' = ANY (roles)
        ORDER BY id FOR UPDATE;
    UPDATE auth.users u SET roles = words, roles_since = clock_timestamp(), epoch = u.epoch + 1
    WHERE u.id = whom AND u.state IN ('active', 'disabled') AND u.roles <> words
        AND (NOT 'administrator' = ANY (u.roles) OR 'administrator' = ANY (words)
            OR EXISTS (SELECT FROM auth.users a WHERE a.id <> whom AND a.state = 'active'
                AND 'administrator' = ANY (a.roles)));
    RETURN FOUND;
END;
$$;
REVOKE ALL ON FUNCTION auth.set_roles(uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.set_roles(uuid, text[]) TO dubbelslot_auth;
