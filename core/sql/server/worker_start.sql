-- Registers a worker.
-- $1 text: its name; $2 text: its host; $3 int: its process; $4 text: its version
-- Columns: its id uuid
SELECT nightbell.worker_start($1::text, $2::text, $3::int, $4::text)
