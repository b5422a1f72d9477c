-- The indexes that load_begin.sql took away, built by sorting.
SET maintenance_work_mem = '512MB';
SELECT replace(definition, ' ON ONLY ', ' ON ') FROM bench.secondary
\gexec
