-- The list of what failures have locked reads these rows alone, in the order of `id`. Decoys are
-- not among them: a list of them would tell which names were tried.

CREATE INDEX locked ON verification.authenticators (id)
    WHERE sealed IS NOT NULL AND (delayed_until IS NOT NULL OR state = 'disabled');
