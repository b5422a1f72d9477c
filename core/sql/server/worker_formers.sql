-- Workers that lately had the same name on the same host.
-- $1 uuid: this one
-- Columns: id uuid, process int
SELECT f.id, f.pid FROM nightbell.worker_formers($1::uuid) AS f
