-- What the planner knows of a column EXPLAIN tells everybody, as an estimate of the rows, row security or not: how many a
-- person has, which titles are frequent, where in the alphabet names lie. So nothing is collected of columns that say whose a
-- row is or what is in it, nor of what an index computes from them. The default target is -1, and NULL since PostgreSQL 17.
CREATE OR REPLACE FUNCTION nightbell.collect_no_statistics(relation regclass) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('ALTER TABLE %s %s', relation, string_agg(format('ALTER COLUMN %I SET STATISTICS 0', a.attname), ', '))
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(a.attstattarget, -1) <> 0
            AND a.atttypid IN ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'bytea'::regtype,
                               'nightbell.e164'::regtype)
        HAVING count(*) > 0
        UNION ALL
        SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', i.indexrelid::regclass, a.attnum)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND coalesce(a.attstattarget, -1) <> 0
            AND i.indkey[a.attnum - 1] = 0
        WHERE i.indrelid = relation
    LOOP
        EXECUTE command;
    END LOOP;
END
$$;
