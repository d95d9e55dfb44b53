-- From where and with what an authenticator was last used, beside when. Its owner sees it and
-- administrators do, and it goes with the row.
ALTER TABLE verification.authenticators
    ADD COLUMN last_used_from text NOT NULL DEFAULT '' CHECK (octet_length(last_used_from) <= 64),
    ADD COLUMN last_used_device text NOT NULL DEFAULT ''
        CHECK (octet_length(last_used_device) <= 64),
    -- 64 code points of any script.
    DROP CONSTRAINT authenticators_name_check,
    ADD CHECK (octet_length(name) <= 256);
GRANT UPDATE (last_used_from, last_used_device) ON verification.authenticators
    TO dubbelslot_verification;
