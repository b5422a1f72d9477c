#!/bin/bash
# Every verb on everything that the schema has, by the catalogue: a client writes to nothing directly, locks nothing and makes
# nothing of its own in there; and what it may call changes what is its own only.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start

cat >"$test_dir/writes.sql" <<'END'
SET client_min_messages = error;
CREATE FUNCTION pg_temp.outcome(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE command; RETURN 'went through'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE TEMP TABLE verb (kinds text, command text);
INSERT INTO verb VALUES
    ('rpv', 'INSERT INTO %1$s DEFAULT VALUES'), ('rpv', 'INSERT INTO %1$s (%2$s) SELECT %2$s FROM %1$s'),
    ('rpv', 'UPDATE %1$s SET %2$s = %2$s'), ('rpv', 'UPDATE %1$s SET %2$s = NULL WHERE false'), ('rpv', 'DELETE FROM %1$s'),
    ('rpv', 'DELETE FROM %1$s WHERE false'), ('rp', 'TRUNCATE %1$s'), ('rp', 'TRUNCATE %1$s CASCADE'),
    ('rp', 'MERGE INTO %1$s t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE'),
    ('rp', 'MERGE INTO %1$s t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES'),
    ('rp', 'INSERT INTO %1$s DEFAULT VALUES ON CONFLICT DO NOTHING'),
    ('rpv', 'SELECT %2$s FROM %1$s FOR UPDATE'), ('rpv', 'SELECT %2$s FROM %1$s FOR NO KEY UPDATE'), ('rpv', 'SELECT %2$s FROM %1$s FOR SHARE'),
    ('rpv', 'SELECT %2$s FROM %1$s FOR KEY SHARE'), ('rpv', 'LOCK TABLE %1$s IN ROW SHARE MODE'), ('rpv', 'LOCK TABLE %1$s IN ACCESS EXCLUSIVE MODE'),
    ('rpv', 'WITH gone AS (DELETE FROM %1$s RETURNING *) SELECT count(*) FROM gone'),
    ('rpv', 'ALTER TABLE %1$s OWNER TO CURRENT_USER'), ('rp', 'ALTER TABLE %1$s DISABLE ROW LEVEL SECURITY'), ('rp', 'ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY'),
    ('rp', 'CREATE POLICY mine ON %1$s USING (true)'), ('rp', 'ALTER TABLE %1$s ADD COLUMN mine int'), ('rp', 'ALTER TABLE %1$s DISABLE TRIGGER ALL'),
    ('rp', 'CREATE INDEX ON %1$s (%2$s)'), ('rp', 'ALTER TABLE %1$s ALTER COLUMN %2$s SET STATISTICS 1000'),
    ('rpv', 'CREATE RULE mine AS ON INSERT TO %1$s DO ALSO NOTIFY mine'), ('rp', 'CREATE TRIGGER mine AFTER INSERT ON %1$s EXECUTE FUNCTION suppress_redundant_updates_trigger()'),
    ('r', 'CREATE TABLE pg_temp.mine () INHERITS (%1$s)'), ('p', 'CREATE TABLE pg_temp.mine PARTITION OF %1$s DEFAULT'), ('rp', 'DROP TABLE %1$s CASCADE'),
    ('v', 'DROP VIEW %1$s CASCADE'), ('v', 'CREATE OR REPLACE VIEW %1$s AS SELECT 1'), ('v', 'ALTER VIEW %1$s SET (security_invoker = false)'),
    ('rp', 'COMMENT ON TABLE %1$s IS ''x'''), ('rp', 'REINDEX TABLE %1$s'), ('rp', 'CLUSTER %1$s'),
    ('S', 'SELECT nextval(%3$L)'), ('S', 'SELECT setval(%3$L, 1)'), ('S', 'SELECT currval(%3$L)'), ('S', 'ALTER SEQUENCE %1$s RESTART'), ('S', 'DROP SEQUENCE %1$s'),
    ('rp', 'CREATE PUBLICATION mine FOR TABLE %1$s');
SELECT o.outcome, o.command FROM (
    SELECT pg_temp.outcome(format(v.command, c.oid::regclass, (SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
            AND a.attidentity = '' AND a.attgenerated = '' AND a.attname NOT IN ('id', 'event_id') ORDER BY a.attnum LIMIT 1),
        c.oid::regclass::text)) AS outcome, format(v.command, c.oid::regclass, 'column', '') AS command, c.relkind AS kind
    FROM pg_class c JOIN verb v ON v.kinds LIKE '%' || c.relkind::text || '%' WHERE c.relnamespace = 'nightbell'::regnamespace) AS o
WHERE o.outcome <> '42501' AND NOT (o.kind = 'v' AND o.outcome IN ('0A000', '55000')) AND NOT (o.kind IN ('r', 'p') AND o.outcome = '42809') ORDER BY 1, 2; -- most views take nothing at all, partitions no children
SELECT 'tried', count(*) > 500 FROM pg_class c JOIN verb v ON v.kinds LIKE '%' || c.relkind::text || '%' WHERE c.relnamespace = 'nightbell'::regnamespace;
SELECT pg_temp.outcome(command), command FROM unnest(ARRAY[
    'CREATE TABLE nightbell.mine ()', 'CREATE FUNCTION nightbell.mine() RETURNS int LANGUAGE sql AS ''SELECT 1''', 'CREATE SCHEMA mine', 'CREATE TABLE public.mine ()',
    'CREATE TYPE nightbell.mine AS (a int)', 'CREATE OPERATOR nightbell.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_eq)', 'DROP SCHEMA nightbell CASCADE',
    'ALTER SCHEMA nightbell OWNER TO CURRENT_USER', 'ALTER FUNCTION nightbell.claims() OWNER TO CURRENT_USER', 'ALTER FUNCTION nightbell.claims() SECURITY INVOKER',
    'ALTER FUNCTION nightbell.claims() SET search_path = pg_temp', 'GRANT nightbell_owner TO CURRENT_USER', 'GRANT nightbell_admin TO CURRENT_USER', 'CREATE ROLE mine',
    'ALTER ROLE CURRENT_USER SUPERUSER', 'ALTER ROLE CURRENT_USER BYPASSRLS', 'ALTER ROLE nightbell_owner LOGIN', 'SET ROLE nightbell_owner', 'SET ROLE nightbell_admin',
    'SET ROLE postgres', 'SET SESSION AUTHORIZATION postgres', 'SET SESSION AUTHORIZATION nightbell_owner', 'ALTER DATABASE nightbell SET search_path = pg_temp',
    'ALTER ROLE CURRENT_USER SET nightbell.token = ''x''', 'ALTER ROLE postgres SET search_path = pg_temp', 'ALTER DATABASE nightbell SET nightbell.token = ''x''',
    'CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT',
    'CREATE EXTENSION file_fdw', 'CREATE SERVER mine FOREIGN DATA WRAPPER mine',
    'ALTER DEFAULT PRIVILEGES FOR ROLE nightbell_owner GRANT SELECT ON TABLES TO PUBLIC', 'DROP OWNED BY nightbell_owner', 'REASSIGN OWNED BY nightbell_owner TO CURRENT_USER'
    ]) AS command WHERE pg_temp.outcome(command) NOT IN ('42501', '0LP01', '42704');
\copy nightbell.notifications FROM /dev/null
\copy nightbell.tenants FROM /dev/null
\copy nightbell.signing_keys FROM /dev/null
GRANT ALL ON ALL TABLES IN SCHEMA nightbell TO PUBLIC;
VACUUM nightbell.notifications;
ANALYZE nightbell.users;
SELECT 'end';
END
before=$(psql_do "SELECT count(*), md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.notifications n")
for who in 'nightbell_console mallory' 'nightbell_console ada' 'nightbell_producing olga' 'only_producing -' 'only_working -' 'only_ringing -' 'ada -'; do
    set -- $who
    attacker "$1" "$2" -f "$test_dir/writes.sql" >"$test_dir/out" 2>"$test_dir/err"
    is "$(cat "$test_dir/out")" "tried|t
end" "$1 ($2): nothing goes through, and everything for want of privilege"
    is "$(grep -c 'permission denied for table' "$test_dir/err")" 4 "$1 ($2): COPY and GRANT neither"
done
# the hub's login: what it needs, and nothing else
for call in "take_past('notifications', 1, true)" "purge()" "notify('$ACME', '$ADA', 'SYSTEM_EVENT', 'a', 'b')" "announce('$ACME', 'SYSTEM_EVENT', 'a', 'b')" \
    "raise_event('a', 'low', 'b')" "produce_many('raise', '{}')" "detached_partitions()" "ring()"; do
    like "$(attacker only_ringing - -c "SELECT * FROM nightbell.$call" 2>&1)" 'permission denied' "the hub's login cannot call ${call%%(*}()"
done
is "$(attacker only_ringing - -c "SELECT count(*) FROM nightbell.hub_listen(ARRAY['nb_0123456789012345678901234567890123456789'], true)" -c 'SELECT nightbell.become_ringer()' \
    -c 'SELECT rung FROM nightbell.ring_deferred(NULL)' -c 'SELECT nightbell.is_ringing()')" "1
t
0
t" 'but it can listen and ring'
is "$(psql_do "SELECT count(*), md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.notifications n")" "$before" 'the rows are what they were'
is "$(psql_do 'SELECT count(*) FROM nightbell.security_report()')" 0 'and everything is closed as before'
is "$(attacker nightbell_console mallory -c 'CREATE TEMP TABLE mine (id uuid REFERENCES nightbell.tenants)' 2>&1)" \
    'ERROR:  constraints on temporary tables may reference only temporary tables' 'a foreign key does not ask who exists'
done_testing
