-- The message with the code that a challenge waits for: a later one takes it out of the outbox, so
-- that nobody is sent a code that is void.
ALTER TABLE verification.challenges ADD COLUMN message uuid;
GRANT UPDATE (message) ON verification.challenges TO dubbelslot_verification;
