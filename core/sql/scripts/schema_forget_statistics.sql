-- After the definitions: removes statistics that were collected on columns before they were switched off, which would
-- stay for ever. Only a superuser may do that.
DO $do$
BEGIN
    IF current_setting('is_superuser')::boolean THEN
        DELETE FROM pg_catalog.pg_statistic AS s
        USING pg_catalog.pg_attribute AS a, pg_catalog.pg_class AS c
        WHERE c.relnamespace = 'nightbell'::pg_catalog.regnamespace AND a.attrelid = c.oid AND a.attstattarget = 0
            AND s.starelid = a.attrelid AND s.staattnum = a.attnum;
    END IF;
END
$do$;
