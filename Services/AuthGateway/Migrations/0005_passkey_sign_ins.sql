-- A sign-in that a passkey began has proved no password.
ALTER TABLE auth.pending_sign_ins ALTER COLUMN password_id DROP NOT NULL;
