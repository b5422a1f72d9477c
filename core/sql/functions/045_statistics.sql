-- What the planner knows of a column EXPLAIN tells everybody, as an estimate of the rows, row security or not: how many a
-- person has, which titles are frequent, where in the alphabet names lie. So nothing is collected of columns that say whose a
-- row is or what is in it, nor of what an index computes from them.

-- The columns of a table, and of its indexes, that have to be without statistics and are not, and what ends that. The target of
-- a column that nobody has set is -1, and NULL since PostgreSQL 17.
CREATE OR REPLACE FUNCTION nightbell.columns_with_statistics(relation regclass) RETURNS TABLE (name text, command text)
LANGUAGE sql STABLE
AS $$
    SELECT format('%s.%I', relation, a.attname), format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', relation, a.attname)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(a.attstattarget, -1) <> 0
        AND a.atttypid IN ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'bytea'::regtype,
                           'nightbell.e164'::regtype)
    UNION ALL
    SELECT format('%s.%I', a.attrelid::regclass, a.attname),
        format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', a.attrelid::regclass, a.attnum)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND i.indkey[a.attnum - 1] = 0
    WHERE i.indrelid = relation AND coalesce(a.attstattarget, -1) <> 0
$$;

CREATE OR REPLACE FUNCTION nightbell.collect_no_statistics(relation regclass) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    command text;
BEGIN
    FOR command IN SELECT c.command FROM nightbell.columns_with_statistics(relation) AS c LOOP
        EXECUTE command;
    END LOOP;
END
$$;
