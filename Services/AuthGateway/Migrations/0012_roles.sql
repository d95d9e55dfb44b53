-- Roles change. Who has become an administrator has not been one longer than that, however old his
-- account is: what takes a second administrator takes one who was not made for it.
ALTER TABLE auth.users ADD COLUMN roles_since timestamptz NOT NULL DEFAULT clock_timestamp();
UPDATE auth.users SET roles_since = created_at;
GRANT UPDATE (roles, roles_since) ON auth.users TO dubbelslot_auth;
