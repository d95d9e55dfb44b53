-- What kind each second factor was that a pending sign-in has proved: not every kind raises the
-- level. Where a recovery code was proved there is no verifier, and its name is empty.
ALTER TABLE auth.pending_sign_ins ADD COLUMN proved_kinds text[] NOT NULL DEFAULT '{}';
UPDATE auth.pending_sign_ins
    SET proved_kinds = array_fill('totp'::text, ARRAY[cardinality(proved_verifiers)]);
GRANT UPDATE (proved_kinds) ON auth.pending_sign_ins TO dubbelslot_auth;
