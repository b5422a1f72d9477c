-- The server's process that runs this.
-- Columns: process int
SELECT pg_backend_pid() AS process
