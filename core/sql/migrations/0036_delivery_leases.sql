-- A lease on a delivery, and its state on the way, are written beside the row, within its page and without new index entries (HOT): of each
-- row there has to be room for a second one, and no index may have what changes.
ALTER TABLE nightbell.delivery_queue SET (fillfactor = 45);
DROP INDEX nightbell.delivery_queue_cancelled;
CREATE INDEX delivery_queue_cancelled ON nightbell.delivery_queue (tenant_id, delivery_id) WHERE cancelled;
DO $do$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT i.inhrelid::regclass FROM pg_catalog.pg_inherits i WHERE i.inhparent = 'nightbell.deliveries'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 50)', name);
    END LOOP;
END
$do$;
