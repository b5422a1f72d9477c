-- Behind the definitions: partitions for the months to come, made by the schema's owner.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE nightbell_owner;
SELECT nightbell.ensure_partitions();
COMMIT;
