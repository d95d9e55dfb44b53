-- The rules beside the two-factor settings, and what is asked of everybody, as the JSON form of
-- the message `RuleBook`. Sessions of administrators are shorter, as they were before rules.

ALTER TABLE policy.settings ADD COLUMN book jsonb NOT NULL DEFAULT '{"base": {}, "rules": [{
    "name": "administrators",
    "description": "Shorter sessions for administrators",
    "roles": ["administrator"],
    "requirements": {"sessionSeconds": 43200, "idleSeconds": 900}
}]}' CHECK (jsonb_typeof(book -> 'base') = 'object'
    AND octet_length(book::text) <= 1048576);

-- What a version says is said by whoever makes it.
ALTER TABLE policy.settings ALTER COLUMN book DROP DEFAULT;
