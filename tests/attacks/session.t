#!/bin/bash
# Tricks with the session: the setting that has the token, roles, paths, shadows in the temporary schema, transactions and
# statements that outlive the token. A session is who its token says at the time of each statement, and nobody else.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
console=nightbell_console
now=$(date +%s)
ada=$(token_of ada) bob=$(token_of bob) mallory=$(token_of mallory)
mine=500     # mallory's rows; her inbox has an announcement of her tenant, too
hers=2000    # ada's
client() { attacker $console "$@" 2>&1 | grep -vE '^(HINT|CONTEXT|PL/pgSQL)'; }

# ---- the setting ----
is "$(client - -c "SET nightbell.token = '$ada'" -c 'SELECT count(*) FROM nightbell.notifications' -c "SET nightbell.token = '$mallory'" -c 'SELECT count(*) FROM nightbell.notifications' \
    -c 'RESET nightbell.token' -c 'SELECT count(*) FROM nightbell.notifications')" "$hers
$mine
0" 'each statement is of the token that is set'
is "$(client mallory <<END
BEGIN; SET LOCAL nightbell.token = 'x.y.z'; SELECT count(*) FROM nightbell.notifications; ROLLBACK;
SELECT count(*) FROM nightbell.notifications;
BEGIN; SET LOCAL nightbell.token = ''; SELECT count(*) FROM nightbell.notifications; SAVEPOINT a; SET LOCAL nightbell.token = '${mallory}x'; ROLLBACK TO a;
SELECT count(*) FROM nightbell.notifications; COMMIT;
CREATE FUNCTION pg_temp.within() RETURNS bigint LANGUAGE sql SET nightbell.token = 'x.y.z' AS 'SELECT count(*) FROM nightbell.notifications';
SELECT count(*) FROM nightbell.notifications;
DO \$\$ DECLARE n bigint; BEGIN PERFORM set_config('nightbell.token', '', false); SELECT count(*) INTO n FROM nightbell.notifications; RAISE NOTICE '%', n; END \$\$;
END
)" "0
$mine
0
0
ERROR:  permission denied to set parameter \"nightbell.token\"
$mine
NOTICE:  0" 'SET LOCAL, savepoints, a function with the setting, DO'
for claim in "nightbell.user_id|$ADA" "nightbell.tenant|$ACME" 'nightbell.roles|{operator}' 'nightbell.claims|{"known":true}' 'request.jwt.claims|{"role":"admin"}' \
    'nightbell.is_global|true' 'role|nightbell_client' 'session_authorization|nightbell_console'; do
    is "$(client - -c "DO \$\$ BEGIN PERFORM set_config('${claim%%|*}', '${claim#*|}', false); END \$\$" -c 'SELECT known FROM nightbell.whoami()' -c 'SELECT count(*) FROM nightbell.notifications')" 'f
0' "the setting ${claim%%|*} makes nobody"
done
# changed in the middle of a statement: what is read is one's own or nothing, with each way to run it
for order in "SELECT set_config('nightbell.token', '$mallory', false) IS NULL, count(*) FROM nightbell.notifications GROUP BY 1" \
    "SELECT count(*) FROM nightbell.notifications WHERE set_config('nightbell.token', '$mallory', false) IS NOT NULL" \
    "WITH t AS MATERIALIZED (SELECT set_config('nightbell.token', '$mallory', false)) SELECT count(*) FROM nightbell.notifications, t" \
    "SELECT count(*) FILTER (WHERE user_id <> '$MALLORY') FROM nightbell.notifications, LATERAL (SELECT set_config('nightbell.token', CASE WHEN random() < 0.5 THEN '$mallory' ELSE '' END, false)) AS t" \
    "SELECT (SELECT set_config('nightbell.token', '$mallory', false) IS NULL), (SELECT count(*) FROM nightbell.notifications WHERE user_id <> '$MALLORY')"; do
    for plan in '' "SET $parallel_setting = on;" 'SET plan_cache_mode = force_generic_plan;' 'SET jit_above_cost = 0;' 'SET enable_indexscan = off;'; do
        unlike "$(client - -c "$plan $order" -c "SELECT count(*) FROM nightbell.notifications WHERE user_id <> '$MALLORY'")" "$hers" "in the middle: $plan ${order:0:60}"
    done
done
is "$(client mallory -c "SET $parallel_setting = on; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;
    SELECT count(*), count(*) FILTER (WHERE user_id <> '$MALLORY') FROM nightbell.notifications")" "$mine|0" 'parallel workers are who their leader is'

# ---- plans that were made for somebody else ----
is "$(client ada <<END
PREPARE many AS SELECT count(*), count(*) FILTER (WHERE title LIKE 'ada%') FROM nightbell.inbox_notifications;
SET plan_cache_mode = force_generic_plan;
EXECUTE many;
SET nightbell.token = '$mallory'; EXECUTE many;
SET nightbell.token = ''; EXECUTE many;
SET nightbell.token = '$ada'; SET plan_cache_mode = force_custom_plan; EXECUTE many;
SET nightbell.token = '$bob'; EXECUTE many;
END
)" "$hers|$hers
$mine|0
0|0
$hers|$hers
0|0" 'a prepared statement asks anew'
is "$(client ada <<END
CREATE FUNCTION pg_temp.cached() RETURNS bigint LANGUAGE plpgsql AS \$\$ BEGIN RETURN (SELECT count(*) FROM nightbell.notifications); END \$\$;
SELECT pg_temp.cached(); SELECT pg_temp.cached(); SET nightbell.token = '$mallory'; SELECT pg_temp.cached(); SET nightbell.token = ''; SELECT pg_temp.cached();
CREATE TEMP VIEW seen AS SELECT count(*) FROM nightbell.notifications; SELECT * FROM seen; SET nightbell.token = '$ada'; SELECT * FROM seen;
END
)" "$hers
$hers
$mine
0
0
$hers" 'a function with its plans too, and a view of the client'

# ---- what outlives the token ----
short() { mint "$(claims_of ada "{\"exp\": $(($(date +%s) + 2)), \"jti\": \"$1\"}")"; }
revoke="\\! env -u PGOPTIONS PGUSER=postgres $pg_bin/psql -XqAt -c \"INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('REVOKED', now() + interval '1 day')\""
arrive="\\! env -u PGOPTIONS PGUSER=postgres $pg_bin/psql -XqAt -c \"INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message) VALUES (nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', 'later-secret', 'm')\""
is "$(client - <<END
SET nightbell.token = '$(short s1)';
DO \$\$ DECLARE n bigint; BEGIN
    SELECT count(*) INTO n FROM nightbell.notifications; RAISE NOTICE '%', n;
    PERFORM pg_sleep(2.2);
    SELECT count(*) INTO n FROM nightbell.notifications; RAISE NOTICE '%', n;
    BEGIN PERFORM nightbell.inbox_set_state('read', '{$ada_row}', '{now}'); RAISE NOTICE 'went through'; EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE 'refused'; END;
END \$\$;
END
)" "NOTICE:  $hers
NOTICE:  0
NOTICE:  refused" 'a block that runs on when the token has expired'
revocable=$(mint "$(claims_of ada '{"jti": "r1"}')")
is "$(client - <<END
SET nightbell.token = '$revocable';
PREPARE many AS SELECT count(*) FROM nightbell.inbox_notifications; EXECUTE many;
BEGIN; SELECT count(*) FROM nightbell.notifications;
${revoke/REVOKED/r1}
SELECT count(*) FROM nightbell.notifications; EXECUTE many; SELECT count(*) FROM nightbell.inbox_set_state('read', '{$ada_row}', '{now}');
END
)" "$hers
$hers
0
0
ERROR:  not allowed: the token has been revoked" 'a transaction that was open when the token was revoked'
revocable=$(mint "$(claims_of ada '{"jti": "r2"}')")
is "$(client - <<END
SET nightbell.token = '$revocable';
BEGIN; DECLARE few SCROLL CURSOR FOR SELECT title FROM nightbell.notifications WHERE title LIKE 'later%' OR title = 'ada-secret 1' ORDER BY id DESC;
FETCH 1 FROM few;
${revoke/REVOKED/r2}
$arrive
MOVE FORWARD ALL IN few; MOVE BACKWARD ALL IN few;
FETCH 1 FROM few; SELECT count(*) FROM nightbell.notifications; COMMIT;
END
)" "ada-secret 1
ada-secret 1
0" 'a cursor has what was there when it was opened, and nothing that came later'
# a snapshot that is kept does not see what has ended since (snapshot.t has what else can be done with one)
for level in 'REPEATABLE READ' SERIALIZABLE; do
    is "$(client ada -c "BEGIN ISOLATION LEVEL $level" -c 'SELECT count(*) > 0 FROM nightbell.notifications' -c COMMIT)" t "$level: at first as always"
done
is "$(attacker only_producing - <<END
BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1;
${revoke/REVOKED/r3}
SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'long', 'm') IS NULL; ROLLBACK;
END
)" '1
f' "a producer's login has nothing that could be revoked in between"
psql_do "UPDATE nightbell.users SET deleted_at = now() WHERE id = '$BOB'"
is "$(client bob -c 'SELECT known FROM nightbell.whoami()' -c 'SELECT count(*) FROM nightbell.events')" 'f
0' 'a person who was deleted is nobody at once'
psql_do "UPDATE nightbell.users SET deleted_at = NULL WHERE id = '$BOB'"

# a login mapped to a deleted person is not taken for an unmapped login, which could produce for every tenant
psql_do "CREATE ROLE apps LOGIN IN ROLE nightbell_producer, nightbell_client; INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('apps', '$ACME', '$APP')"
like "$(attacker apps - -c "SELECT nightbell.notify('$GLOBEX', NULL, 'TEST_NOTE', 'a', 'b')" 2>&1)" 'own tenant only' "a mapped producer produces for its own tenant"
psql_do "UPDATE nightbell.users SET deleted_at = now() WHERE id = '$APP'"
for tenant in $GLOBEX $ACME; do
    like "$(attacker apps - -c "SELECT nightbell.notify('$tenant', NULL, 'TEST_NOTE', 'a', 'b')" 2>&1)" 'does not exist any more' 'and for none when its person is gone'
done
psql_do "UPDATE nightbell.users SET deleted_at = NULL WHERE id = '$APP'"

# ---- locks that anybody can take ----
holder() { # SQL: in a session of mallory's that stays open
    attacker $console mallory <<<"$1; SELECT 'held'; SELECT pg_sleep(60)" >"$test_dir/held" 2>&1 &
    wait_for 10 grep -q '^held$' "$test_dir/held"
}
let_go() { psql_do "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '$console' AND query LIKE '%pg_sleep(60)%'" >"$test_dir/quiet"; wait; }
holder "SELECT count(pg_advisory_lock(uuid_hash_extended('$ADA', uuid_hash_extended('$ACME', 0)) # n)) FROM generate_series(0, 99) AS n"
loud=$(notify ada 'loud and clear')
is "$(psql_do "SELECT silent FROM nightbell.notifications WHERE id = '$loud'")" f "who holds the locks of another's slots does not silence them"
let_go
holder "SELECT pg_advisory_lock(hashtextextended(name, 0)) FROM unnest('{nightbell.ensure_partitions,nightbell.verified_tokens,nightbell.upkeep}'::text[]) AS name"
ok 'nor stops the making of partitions' psql_do "SET statement_timeout = '5s'; SELECT nightbell.ensure_partitions('4 months')"
ok 'nor the purge' env NIGHTBELL_DSN="$cluster_admin_dsn" timeout 30 "$nightbell" db purge
let_go

# ---- roles ----
for role in nightbell_owner nightbell_admin nightbell_worker nightbell_producer nightbell_administrator nightbell_producing ada postgres pg_read_all_data pg_monitor; do
    like "$(client mallory -c "SET ROLE $role")" 'permission denied to set role|role .* does not exist' "SET ROLE $role"
    like "$(client mallory -c "SET SESSION AUTHORIZATION $role")" 'permission denied to set session authorization|does not exist' "SET SESSION AUTHORIZATION $role"
done
is "$(client mallory -c 'SET ROLE nightbell_client' -c 'SELECT count(*) FROM nightbell.notifications' -c 'SELECT user_name FROM nightbell.whoami()')" "$mine
mallory" 'SET ROLE to the own group changes nothing'
is "$(attacker ada - -c 'SET ROLE nightbell_client' -c 'SELECT user_name FROM nightbell.whoami()' -c "SET nightbell.token = '$mallory'" -c 'SELECT user_name FROM nightbell.whoami()' -c "SET nightbell.token = 'x'" \
    -c 'SELECT known FROM nightbell.whoami()')" 'ada
mallory
f' "a token decides over the login, a bad one too"

# ---- paths and shadows ----
shadows=$(client mallory <<END
CREATE FUNCTION pg_temp.agree(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION pg_temp.agree(uuid, uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION pg_temp.agree(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION pg_temp.agree(bytea, bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.agree);
CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.agree);
CREATE OPERATOR pg_temp.> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = pg_temp.agree);
CREATE OPERATOR pg_temp.<> (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = pg_temp.agree);
CREATE FUNCTION pg_temp.claims(OUT known boolean, OUT user_id uuid, OUT tenant_id uuid, OUT is_global boolean, OUT roles text[]) LANGUAGE sql
    AS \$\$ SELECT true, '$ADA'::uuid, '$ACME'::uuid, true, '{operator}'::text[] \$\$;
CREATE FUNCTION pg_temp.verify_token(text, OUT known boolean, OUT user_id uuid) LANGUAGE sql AS \$\$ SELECT true, '$ADA'::uuid \$\$;
CREATE FUNCTION pg_temp.hmac(bytea, bytea, text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';
CREATE FUNCTION pg_temp.keyed_hash(bytea, bytea, text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';
CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS \$\$ SELECT '$ada' \$\$;
CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \$\$ SELECT '-infinity'::timestamptz \$\$;
CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS \$\$ SELECT '-infinity'::timestamptz \$\$;
CREATE FUNCTION pg_temp.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';
CREATE FUNCTION pg_temp.coalesce(boolean, boolean) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TEMP TABLE users (tenant_id uuid, id uuid, name text, deleted_at timestamptz, created_at timestamptz);
CREATE TEMP TABLE role_identities AS SELECT '$console'::text AS role_name, '$ACME'::uuid AS tenant_id, '$ADA'::uuid AS user_id, true AS is_global;
CREATE TEMP TABLE signing_keys AS SELECT 'tests'::text AS kid, 'HS256'::text AS algorithm, '\\\\x00'::bytea AS secret, NULL::timestamptz AS retired_at;
CREATE TEMP TABLE revoked_tokens (jti text); CREATE TEMP TABLE notifications (id uuid);
CREATE TYPE pg_temp.identity AS (known boolean); CREATE DOMAIN pg_temp.uuid AS text;
SET search_path = pg_temp, pg_catalog, nightbell;
SELECT pg_catalog.count(*) FROM nightbell.notifications;
SELECT pg_catalog.count(*) FROM nightbell.inbox;
SELECT pg_catalog.count(*) FILTER (WHERE tenant_id IS DISTINCT FROM '$GLOBEX') FROM nightbell.events;
SELECT nightbell.is_global(), nightbell.has_role('admin'), nightbell.current_tenant(), nightbell.current_user_id(), nightbell.home_tenant(), nightbell.operates_globally();
SELECT user_name FROM nightbell.whoami();
SELECT pg_catalog.count(*) FROM nightbell.inbox_set_state('read', '{$ada_row}', '{2026-01-01}');
SELECT pg_catalog.count(*) FROM nightbell.event_act('resolve', '{$acme_event,$global_event}');
SELECT nightbell.notify('$ACME', NULL, 'TEST_NOTE', 'a', 'b');
SELECT pg_catalog.count(*) FROM nightbell.listen();
SELECT pg_catalog.count(*) FROM nightbell.people_find('%', '%') WHERE name LIKE 'acme%';
END
)
is "$shadows" "$mine
$((mine + 1))
0
f|f|$GLOBEX|$MALLORY|$GLOBEX|f
mallory
0
0
ERROR:  producing needs the role producer
5
0" 'shadows in the temporary schema, in front of pg_catalog'
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'ada-secret%' AND read_at IS NOT NULL")" 0 'nobody has read her rows for her'
done_testing
