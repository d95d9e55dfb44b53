-- The audit read a page at a time, however long it has grown; the same in every service's schema.
DROP INDEX audit_subject;
DROP INDEX IF EXISTS audit_actor;
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_event ON audit (event, at, id);
CREATE INDEX audit_subject ON audit (subject, at, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;
