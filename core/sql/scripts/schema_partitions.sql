-- Behind the definitions: partitions for the months to come, made by the schema's owner.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE nightbell_owner;
DO $do$
BEGIN
    IF to_regprocedure('nightbell.ensure_partitions(interval)') IS NOT NULL THEN
        PERFORM nightbell.ensure_partitions();
    END IF;
END
$do$;
COMMIT;
