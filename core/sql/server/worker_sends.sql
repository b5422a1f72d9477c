-- A worker tells by which channels it sends, and hears how many workers do.
-- $1 uuid: the worker; $2 text[]: the channels
-- Columns: workers int, a row for each channel in their order
SELECT s.workers FROM nightbell.worker_sends($1::uuid, $2::text[]) AS s
