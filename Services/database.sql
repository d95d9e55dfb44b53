-- The roles and schemas of the three services. A superuser runs this in the database
-- `dubbelslot`, as often as he likes; the psql variables auth_password, auth_owner_password
-- and so on hold the passwords. Tables, and who may do what with them, are in Migrations/.
--
-- A service serves under one role and migrates under another that owns its schema, so that a
-- hole in a running service can change no table, no grant and no row of another service.
\set ON_ERROR_STOP on
SET log_min_error_statement = panic; -- no password in the server's log
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOINHERIT', name)
FROM unnest(ARRAY[
    'dubbelslot_auth', 'dubbelslot_verification', 'dubbelslot_policy',
    'dubbelslot_auth_owner', 'dubbelslot_verification_owner', 'dubbelslot_policy_owner'
]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE dubbelslot_auth LOGIN CONNECTION LIMIT 60 PASSWORD :'auth_password';
ALTER ROLE dubbelslot_verification LOGIN CONNECTION LIMIT 60 PASSWORD :'verification_password';
ALTER ROLE dubbelslot_policy LOGIN CONNECTION LIMIT 40 PASSWORD :'policy_password';
ALTER ROLE dubbelslot_auth_owner LOGIN CONNECTION LIMIT 4 PASSWORD :'auth_owner_password';
ALTER ROLE dubbelslot_verification_owner
    LOGIN CONNECTION LIMIT 4 PASSWORD :'verification_owner_password';
ALTER ROLE dubbelslot_policy_owner LOGIN CONNECTION LIMIT 4 PASSWORD :'policy_owner_password';

REVOKE ALL ON DATABASE dubbelslot FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE dubbelslot TO
    dubbelslot_auth, dubbelslot_verification, dubbelslot_policy,
    dubbelslot_auth_owner, dubbelslot_verification_owner, dubbelslot_policy_owner;

CREATE SCHEMA IF NOT EXISTS auth AUTHORIZATION dubbelslot_auth_owner;
CREATE SCHEMA IF NOT EXISTS verification AUTHORIZATION dubbelslot_verification_owner;
CREATE SCHEMA IF NOT EXISTS policy AUTHORIZATION dubbelslot_policy_owner;
GRANT USAGE ON SCHEMA auth TO dubbelslot_auth;
GRANT USAGE ON SCHEMA verification TO dubbelslot_verification;
GRANT USAGE ON SCHEMA policy TO dubbelslot_policy;

-- A name without a schema means the service's own; nobody can put an object in its way.
ALTER ROLE dubbelslot_auth IN DATABASE dubbelslot SET search_path = auth;
ALTER ROLE dubbelslot_auth_owner IN DATABASE dubbelslot SET search_path = auth;
ALTER ROLE dubbelslot_verification IN DATABASE dubbelslot SET search_path = verification;
ALTER ROLE dubbelslot_verification_owner IN DATABASE dubbelslot SET search_path = verification;
ALTER ROLE dubbelslot_policy IN DATABASE dubbelslot SET search_path = policy;
ALTER ROLE dubbelslot_policy_owner IN DATABASE dubbelslot SET search_path = policy;

-- PostgreSQL lets everybody run a new function; here each one is granted by name.
ALTER DEFAULT PRIVILEGES FOR ROLE
    dubbelslot_auth_owner, dubbelslot_verification_owner, dubbelslot_policy_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
