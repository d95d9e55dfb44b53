-- The role by which a standby copies the database: it reads the log of changes, and no table.
SELECT 'CREATE ROLE dubbelslot_replica NOINHERIT'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dubbelslot_replica')
\gexec
ALTER ROLE dubbelslot_replica LOGIN REPLICATION CONNECTION LIMIT 4 PASSWORD :'replica_password';
