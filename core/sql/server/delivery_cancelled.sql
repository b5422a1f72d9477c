-- What this worker has in hand and somebody wants back.
-- $1 uuid: the worker
-- Columns: tenant uuid, delivery uuid
SELECT c.tenant_id, c.id FROM nightbell.delivery_cancelled($1::uuid) AS c
