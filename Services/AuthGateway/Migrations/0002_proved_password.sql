-- The password a pending sign-in began with, as the verification service names it: no later one
-- may be replaced by that sign-in. What began before this is known nowhere, so it begins again.
DELETE FROM auth.pending_sign_ins;
ALTER TABLE auth.pending_sign_ins ADD COLUMN password_id uuid NOT NULL;
