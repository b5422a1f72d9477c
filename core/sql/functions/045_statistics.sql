-- EXPLAIN reveals the planner's statistics to everybody, as row estimates and despite row security: how many rows a
-- person has, which titles are frequent, how names are distributed. So no statistics are collected on columns that say
-- whose a row is or what it contains, nor on index expressions over them.

-- The columns of tables and indexes that must have no statistics but still collect them, with the statement that ends
-- it. A column's default statistics target is -1, and NULL since PostgreSQL 17.
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
