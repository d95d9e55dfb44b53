-- After the database was restored from a backup, before a service starts again: a superuser runs
-- this in the database `dubbelslot`, once.
--
-- A backup holds what has since been ended, used or replaced. What can be used once and does not
-- end by the clock alone must not work a second time, so all of it is made void here: sessions,
-- sign-ins and trust by their users' epochs, links, challenges and messages by themselves.
-- Passwords, authenticators and recovery codes stay as they were when the backup was made.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL synchronous_commit = on;
SET LOCAL search_path = pg_catalog;

-- Sessions, cookies of protected hosts, pending sign-ins, trusted and known devices.
UPDATE auth.users SET epoch = epoch + 1;
DELETE FROM auth.hand_overs;
DELETE FROM auth.trusted_devices;
DELETE FROM auth.sign_ups;
UPDATE auth.reset_requests SET expires_at = clock_timestamp()
WHERE settled_at IS NULL AND expires_at > clock_timestamp();

-- Codes that were sent, challenges of passkeys, bindings begun, links of resets and invitations.
DELETE FROM verification.challenges;
DELETE FROM verification.bindings;
DELETE FROM verification.resets;
DELETE FROM verification.invitations;
-- A message of then would go out again, with a code or a link that is void now.
UPDATE verification.outbox
SET outcome = 'restored', sealed = NULL, settled_at = clock_timestamp()
WHERE outcome IS NULL;

-- Weaker settings that waited then may have been taken back since.
UPDATE policy.pending_settings SET state = 'withdrawn', decided_at = clock_timestamp()
WHERE state = 'waiting';
COMMIT;
