-- Gives back what a worker had in hand whose process is gone.
-- $1 uuid: the worker
-- Columns: how many deliveries bigint
SELECT nightbell.delivery_abandon($1::uuid)
