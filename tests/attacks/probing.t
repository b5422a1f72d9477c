#!/bin/bash
# Nothing tells whether something exists: not errors, not plans and their counts, not statistics, not the catalogues, not the
# doorbells. Each question is asked once about what is there and once about what is not; the answers are the same byte for byte.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
missing=00000000-0000-4000-8000-00000000ffff
missing_row=${ada_row%????}ffff
missing_event=799999

# same NAME LOGIN PERSON EXISTING MISSING SQL: SQL says @ where the id goes. $answer is what came.
same() {
    local there gone
    there=$(attacker "$2" "$3" 2>&1 <<<"${6//@/$4}" | sed "s/$4/@/g; s/psql:[^ ]* //")
    gone=$(attacker "$2" "$3" 2>&1 <<<"${6//@/$5}" | sed "s/$5/@/g; s/psql:[^ ]* //")
    is "$there" "$gone" "$1"
    answer=$there
}

# ---- errors and outcomes ----
console=nightbell_console
for person in mallory bob carol; do
    same "$person acts on somebody's notification, or on none" $console $person "$ada_row" "$missing_row" \
        "SELECT * FROM nightbell.inbox_set_state('read', '{@}', '{now}'); SELECT nightbell.inbox_take_action('@', 'a')"
    like "$answer" 'there is no such notification' 'and is told that there is none'
done
same 'mallory acts on an announcement of acme, or on none' $console mallory "$acme_announcement" "$missing_row" \
    "SELECT * FROM nightbell.inbox_set_state('deleted', '{@}', '{now}'); SELECT nightbell.inbox_take_action('@', 'acme-secret')"
for act in acknowledge resolve reopen assign snooze note undo; do
    for event in "$acme_event" "$global_event"; do
        same "mallory's $act of event $event of others, or of none" $console mallory "$event" $missing_event \
            "SELECT * FROM nightbell.event_act('$act', '{@}', note => 'x', until => now() + interval '1 hour', states => '{\"{\\\"version\\\": 1}\"}')"
    done
    same "bob's $act of the installation's event, or of none" $console bob "$global_event" $missing_event \
        "SELECT * FROM nightbell.event_act('$act', '{@}', note => 'x', until => now() + interval '1 hour', states => '{\"{\\\"version\\\": 1}\"}')"
done
same 'mallory assigns to a person of acme, or to nobody there is' $console mallory "$ADA" $missing \
    "SELECT * FROM nightbell.event_act('assign', '{$globex_event}', \"user\" => '@')"
for login in $console nightbell_producing; do
    same "$login: mallory notifies a person of acme, or nobody" $login mallory "$ADA" $missing \
        "SELECT nightbell.notify('$GLOBEX', '@', 'TEST_NOTE', 'a', 'b'); SELECT nightbell.notify(NULL, '@', 'TEST_NOTE', 'a', 'b');
         SELECT nightbell.raise_event('a', 'low', 'b', tenant => '$GLOBEX', \"user\" => '@');
         SELECT * FROM nightbell.produce_many('notify', ARRAY['{\"user\": \"@\", \"type\": \"TEST_NOTE\", \"title\": \"a\", \"message\": \"b\"}'::jsonb]);
         SELECT nightbell.broadcast('$GLOBEX', 'user', '@', 'TEST_NOTE', 'a', 'b'); SELECT nightbell.broadcast('$GLOBEX', 'group', '@', 'TEST_NOTE', 'a', 'b')"
    same "$login: mallory notifies in acme, or in no tenant" $login mallory "$ACME" $missing \
        "SELECT nightbell.notify('@', NULL, 'TEST_NOTE', 'a', 'b'); SELECT nightbell.announce('@', 'TEST_NOTE', 'a', 'b');
         SELECT nightbell.notify('@', '$ADA', 'TEST_NOTE', 'a', 'b'); SELECT nightbell.raise_event('a', 'low', 'b', tenant => '@');
         SELECT * FROM nightbell.notify_many(ARRAY['{\"tenant\": \"@\", \"user\": \"$ADA\", \"type\": \"TEST_NOTE\", \"title\": \"a\", \"message\": \"b\"}'::jsonb]);
         SELECT nightbell.broadcast('@', 'tenant', NULL, 'TEST_NOTE', 'a', 'b'); SELECT nightbell.broadcast('@', 'group', 'acme-secret group', 'TEST_NOTE', 'a', 'b')"
done
same 'a group of acme, or none' nightbell_producing mallory 'acme-secret group' 'acmi-secret group' \
    "SELECT nightbell.broadcast('$GLOBEX', 'group', '@', 'TEST_NOTE', 'a', 'b')"
for login in $console nightbell_producing; do
    same "$login: mallory asks why of what there is, or is not" $login mallory "$ada_row" "$missing_row" \
        "SELECT * FROM nightbell.why(NULL, '@'); SELECT * FROM nightbell.why('notification', '@'); SELECT * FROM nightbell.why('event', '$acme_event')"
    same "$login: mallory publishes in acme, or in no tenant" $login mallory "$ACME" $missing \
        "SELECT nightbell.publish('@', 'hidden', 'hidden', '{}'); SELECT nightbell.publish('@', 'hidden', 'hidden', '{}', 'engine-secret');
         SELECT nightbell.heartbeat('hidden', '@'); SELECT nightbell.settle_event('engine-secret', 'engine-secret', tenant => '@')"
    same "$login: mallory configures acme, or no tenant" $login mallory "$ACME" $missing \
        "SELECT * FROM nightbell.rule_documents('@', 'hidden'); SELECT * FROM nightbell.import_rules('@', '{\"{}\"}'); SELECT nightbell.delete_rule('@', 'hidden');
         SELECT nightbell.set_module('@', 'hidden', false); SELECT * FROM nightbell.template_documents('@', 'hidden', 1); SELECT nightbell.delete_template('@', 'hidden');
         SELECT * FROM nightbell.event_type_documents('@', 'hidden'); SELECT nightbell.delete_event_type('@', 'hidden');
         SELECT * FROM nightbell.window_documents('@', 'hidden'); SELECT nightbell.delete_window('@', 'hidden'); SELECT nightbell.end_window('@', 'hidden');
         SELECT * FROM nightbell.window_list('@'); SELECT nightbell.start_window('@', 'notices', '*', NULL, NULL, '1 hour', 'r');
         SELECT * FROM nightbell.heartbeat_documents('@', 'hidden'); SELECT nightbell.delete_heartbeat('@', 'hidden'); SELECT * FROM nightbell.heartbeat_list('@')"
done
same 'mallory asks for a tenant to configure or operate that there is, or is not' $console mallory acme acmo \
    "SELECT nightbell.tenant_to_configure('@'); SELECT nightbell.tenant_to_operate('@')"
same 'a heartbeat of acme, or none' nightbell_producing mallory hidden hidded "SELECT nightbell.heartbeat('@')"
is "$(psql_do "SELECT string_agg(n || '', ' ') FROM (SELECT count(*) AS n FROM nightbell.outbox UNION ALL SELECT count(*) FROM nightbell.rules
    UNION ALL SELECT count(*) FROM nightbell.windows UNION ALL SELECT count(*) FROM nightbell.module_config) AS c")" '1 1 1 1' 'and nothing came of it'
for table in outbox rules module_config decisions workers templates template_texts event_types event_episodes applied preferences user_settings \
    alert_thresholds digest_slots devices disabled_addresses groups group_members heartbeats heartbeat_times heartbeat_instances deliveries_default decisions_default \
    channels endpoints delivery_queue attempts attempts_default delivery_receipts delivery_receipts_default breakers tallies tally_sums tally_progress; do
    for who in "$console mallory" "$console bob" "$console olga" 'nightbell_producing app' 'only_working -' 'only_ringing -'; do
        set -- $who
        like "$(attacker "$1" "$2" -c "SELECT FROM nightbell.$table" 2>&1)" 'permission denied' "$1 ($2) does not read $table"
    done
done
# operators read how deliveries of their tenant go: not what they say, not where they go, not all of a row
for column in subject body html payload address provider_response '*' ctid d; do
    for who in "$console ada" "$console mallory" "$console bob" "$console olga" 'nightbell_producing app' 'only_working -' 'only_ringing -'; do
        set -- $who
        like "$(attacker "$1" "$2" -c "SELECT $column FROM nightbell.deliveries d" 2>&1)" 'permission denied' "$1 ($2) does not read $column of deliveries"
    done
done
is "$(for who in ada mallory bob olga; do attacker $console $who -c "SELECT count(*) FROM nightbell.deliveries_seen"; done | tr '\n' ' ')" '0 0 20 20 ' 'and of another tenant nothing'
is "$(for who in ada mallory bob olga; do attacker $console $who -c "SELECT count(*), count(DISTINCT body) FROM nightbell.delivery_texts(ARRAY(SELECT id FROM nightbell.deliveries_seen) || '$ada_delivery'::uuid)"; done | tr '\n' ' ')" \
    '1|1 0|0 0|0 0|0 ' 'the text is for whom it is for'
is "$(for who in ada mallory bob olga; do attacker $console $who -c "SELECT count(*) > 0 FROM nightbell.delivery_story('$ada_delivery')"; done | tr '\n' ' ')" 'f f t t ' 'and the story for operators'
psql_do "INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, code) VALUES ('$ACME', now(), 'event', 'probed', 4242, 'matched');
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, code) VALUES ('$ACME', now(), 'delivery', '$ada_delivery', 4242, '$ADA', 'email', 'queued')"
is "$(for who in ada mallory bob olga; do attacker $console $who -c "SELECT count(*) > 0 FROM nightbell.deliveries_about('event', 'probed')"; done | tr '\n' ' ')" 'f f t t ' 'what came of an event is for operators, too'
for type in ONLY_ADMIN ONLY_WORKER SYSTEM_EVENT DIGEST; do
    for person in app mallory -; do
        run attacker nightbell_producing $person -v ON_ERROR_STOP=1 -c "SELECT nightbell.notify('$([ $person = mallory ] && echo "$GLOBEX" || echo "$ACME")', NULL, '$type', 'a', 'b')"
        like "$err" "the type $type may be created by the roles" "$person creates no $type"
    done
done
is "$(attacker only_producing - -c "SELECT s.sqlstate FROM nightbell.produce_many('notify', ARRAY[jsonb_build_object('tenant', '$ACME', 'user', NULL, 'type', 'ONLY_ADMIN', 'title', 'a', 'message', 'b')]) AS s")" \
    42501 'nor in a stream'
is "$(psql_do "SELECT count(*) FROM nightbell.announcements WHERE type <> 'TEST_NOTE'")" 0 'and none is there'

# ---- plans: estimates, rows that were taken away, pages that were touched ----
# what the planner knows is as of ANALYZE; the question goes to every index that could answer it
plans() { # TABLE CONDITION-WITH-@ EXISTING MISSING
    local script= settings form
    for settings in '' 'SET enable_seqscan = off; SET enable_bitmapscan = off;' 'SET enable_seqscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off;' \
        "SET $parallel_setting = on;"; do
        for form in 'ANALYZE, COSTS off, TIMING off, SUMMARY off' 'COSTS on'; do
            script+="RESET ALL; $settings EXPLAIN ($form) SELECT 1 FROM $1 WHERE $2 ORDER BY 1 LIMIT 10;"
        done
    done
    # RESET ALL takes the token back to what the session began with
    same "plans of $1, $2" $console mallory "$3" "$4" "$script"
    like "$answer" "Seq Scan|Index|One-Time" "and there are plans"
}
plans nightbell.notifications "user_id = '@'" "$ADA" $missing
plans nightbell.notifications "id = '@'" "$ada_row" "$missing_row"
plans nightbell.inbox "id = '@'" "$ada_row" "$missing_row"
plans nightbell.inbox "title = '@'" 'ada-secret 1' 'ada-secret 9'
plans nightbell.users "id = '@'" 00000000-0000-4000-9000-000000000011 00000000-0000-4000-9000-0000000f0011
plans nightbell.users "id >= '00000000-0000-4000-9000-000000000000' AND id < '@'" 00000000-0000-4000-9000-000000000100 00000000-0000-4000-9000-000000000001
plans nightbell.users "tenant_id = '@'" "$ACME" $missing
plans nightbell.users "lower(name) = lower('@')" 'acme-secret person 7' 'acme-secret person 0'
plans nightbell.users "name < '@'" 'acme-secret person 7' 'aaa-nobody'
plans nightbell.tenants "id = '@'" "$ACME" $missing
plans nightbell.announcements "id = '@'" "$acme_announcement" "$missing_row"
plans nightbell.receipts "user_id = '@'" "$ADA" $missing
plans nightbell.event_actions "event_id = @" "$acme_event" $missing_event
plans nightbell.event_history "event_id = @" "$acme_event" $missing_event
plans nightbell.windows "window_id = '@'" hidden hidded
plans nightbell.windows "tenant_id = '@'" "$ACME" $missing
plans nightbell.window_spans "tenant_id = '@' AND ends_at > now()" "$ACME" $missing
for view in admin_system_events events events_of_tenant events_of_all_tenants; do
    plans nightbell.$view "tenant_id = '@' AND severity = 'critical'" "$ACME" $missing
    plans nightbell.$view "description = '@'" operators-secret operators-nothing
    plans nightbell.$view "coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'::uuid) = '@' AND event_type = 'job' AND fingerprint = 'secret7' AND NOT is_resolved" "$ACME" $missing
done
for view in deliveries deliveries_of_tenant deliveries_of_all_tenants; do
    plans nightbell.$view "tenant_id = '@' AND status = 'queued'" "$ACME" $missing
    plans nightbell.$view "id = '@'" "$ada_delivery" "$missing_row"
    plans nightbell.$view "error = '@'" operators-secret operators-nothing
done
plans nightbell.deliveries "user_id = '@'" "$ADA" $missing
# With every other plan that the planner could choose: no index leads to rows of others, except those of the numbers of events and
# of their history. That a number below the attacker's own newest exists tells nothing.
while IFS='|' read -r relation index columns needed; do
    case $index in *.admin_system_events_pkey | *.event_actions_pkey) continue ;; esac
    has=yes
    for column in $needed; do case " $columns " in *" $column "*) ;; *) has=no ;; esac; done
    is $has yes "the index $index of $relation ($columns) has $needed among its columns"
done < <(psql_do "SELECT c.relname, i.indexrelid::regclass, string_agg(coalesce(a.attname, '?'), ' ' ORDER BY k.n),
        CASE WHEN c.relname LIKE 'notifications%' OR c.relname = 'receipts' THEN 'tenant_id user_id' WHEN c.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (column_number, n)
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.column_number
    WHERE c.relnamespace = 'nightbell'::regnamespace AND k.n <= i.indnkeyatts AND i.indexrelid <> 'nightbell.tenants_name'::regclass
        AND (has_any_column_privilege('nightbell_client', c.oid, 'SELECT') OR c.relispartition) AND c.relname <> 'notification_types'
    GROUP BY 1, 2 ORDER BY 1, 2")
# lower() may leak, so the index of the tenants' names is never entered before row security
same 'the index of the tenants by name' $console mallory acme acmo \
    "SET enable_seqscan = off; EXPLAIN (ANALYZE, TIMING off, SUMMARY off) SELECT id FROM nightbell.tenants WHERE lower(name) = '@'"
is "$(psql_do "SELECT string_agg(c.relname || '.' || a.attname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        JOIN pg_stats s ON s.schemaname = 'nightbell' AND s.tablename = c.relname AND s.attname = a.attname
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relname <> 'notification_types'
        AND a.atttypid IN ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'bytea'::regtype)")" '' \
    'the planner has no statistics of ids and texts'

# how long a count takes, measured by the pages that it touches, because other load does not change those
pages() { attacker $console mallory -c "EXPLAIN (ANALYZE, BUFFERS, TIMING off, COSTS off, FORMAT json) SELECT count(*) FROM nightbell.$1" |
    jq '.[0].Plan | ."Shared Hit Blocks" + ."Shared Read Blocks"'; }
for view in inbox notifications events announcements; do
    pages $view >"$test_dir/null" # once for the caches
    declare "before_$view=$(pages $view)"
done
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
         SELECT nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', 'ada-secret', 'm' FROM generate_series(1, 20000)"
psql_do "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id) SELECT 'job', 'low', 'operators-secret', '$ACME' FROM generate_series(1, 5000)"
for view in inbox notifications events announcements; do
    name=before_$view
    ok "counting $view touches about as many pages (${!name}) when others have ten times more" \
        test "$(pages $view)" -le $((${!name} + ${!name} / 4 + 8))
done

# ---- catalogues and statistics ----
is "$(attacker $console mallory -c "SELECT count(*) FROM pg_stats WHERE schemaname = 'nightbell' AND tablename <> 'notification_types'")" 0 'pg_stats shows nothing'
for relation in pg_statistic pg_authid pg_statistic_ext_data pg_largeobject pg_user_mapping pg_subscription pg_hba_file_rules pg_file_settings pg_shmem_allocations pg_backend_memory_contexts; do
    like "$(attacker $console mallory -c "SELECT * FROM $relation" 2>&1)" 'permission denied' "$relation is closed"
done
is "$(attacker $console mallory -c "SELECT string_agg(prosrc, ' ') ~ 'secret of the tests' OR bool_or(prosrc ~ encode((SELECT sha256('x')), 'hex')) FROM pg_proc" 2>&1)" f 'no function has a secret in its text'
for command in "SELECT pg_read_file('/etc/passwd')" "SELECT pg_read_binary_file('postgresql.conf')" "SELECT pg_ls_dir('.')" "SELECT pg_stat_file('PG_VERSION')" \
    "SELECT lo_import('/etc/passwd')" "SELECT lo_export(1, '/tmp/x')" "SELECT pg_ls_logdir()" "SELECT pg_current_logfile()" "SELECT pg_reload_conf()" \
    "SELECT pg_rotate_logfile()" "COPY nightbell.inbox_notifications TO PROGRAM 'cat'" "COPY (SELECT 1) TO '/tmp/x'" "COPY nightbell.tenants FROM '/etc/passwd'" \
    "SELECT * FROM pg_logical_slot_get_changes('a', NULL, NULL)" "SELECT pg_create_logical_replication_slot('a', 'test_decoding')" "SELECT pg_export_snapshot(), pg_switch_wal()" \
    "SELECT currval('nightbell.admin_system_events_id_seq')" "SELECT last_value FROM nightbell.admin_system_events_id_seq" "SELECT setval('nightbell.admin_system_events_id_seq', 1)" \
    "SELECT nextval('nightbell.event_actions_id_seq')" "SELECT * FROM nightbell.signing_keys" "SELECT kid FROM nightbell.signing_keys" "SELECT * FROM nightbell.installation" \
    "SELECT * FROM nightbell.verified_tokens" "SELECT * FROM nightbell.ended_grounds" "SELECT * FROM nightbell.revoked_tokens" "SELECT * FROM nightbell.role_identities" "SELECT email FROM nightbell.users" \
    "SELECT phone FROM nightbell.users" "SELECT settings FROM nightbell.tenants" "SELECT * FROM nightbell.users" "SELECT u FROM nightbell.users u" \
    "SELECT * FROM nightbell.notifications_default" "SELECT nightbell_extensions.hmac('a', 'b', 'sha256')" "CREATE EXTENSION dblink" "LOAD 'auto_explain'" \
    "SET log_statement = 'all'" "SET session_preload_libraries = 'x'" "ALTER SYSTEM SET work_mem = '1MB'" "SET session_replication_role = replica"; do
    like "$(attacker nightbell_producing mallory -c "$command" 2>&1)" 'permission denied|must be superuser|must be owner|access to library' "$command"
done
like "$(attacker nightbell_producing app -c "SELECT nightbell.raise_event('a', 'low', 'b') IS NOT NULL" -c 'SELECT lastval()' 2>&1)" \
    'permission denied for sequence' 'lastval() after an event'
is "$(attacker $console mallory -c "SELECT count(*) FROM nightbell.event_actions WHERE xmin::text <> '0' AND ctid IS NOT NULL AND tableoid IS NOT NULL
    AND tenant_id IS DISTINCT FROM '$GLOBEX'")" 0 'system columns are of one'"'"'s own rows'
is "$(attacker $console mallory -c "SELECT count(*) FROM nightbell.notifications WHERE ctid = ANY (ARRAY(SELECT format('(%s,%s)', a, b)::tid FROM generate_series(0, 30) a, generate_series(1, 60) b)) AND user_id <> '$MALLORY'")" \
    0 'nor does a row'"'"'s place lead to it'
run attacker $console mallory -v ON_ERROR_STOP=1 -c "SET row_security = off" -c "SELECT count(*) FROM nightbell.notifications"
like "$err" 'would be affected by row-level security' 'row_security = off'
dump() { PGUSER=$console PGOPTIONS="-c nightbell.token=$(token_of mallory)" "$pg_bin/pg_dump" "$@" 2>&1; }
unlike "$(dump)$(dump --enable-row-security)$(dump --enable-row-security -t nightbell.notifications -t nightbell.admin_system_events)" 'secret [0-9]|ada-secret|operators-secret' 'pg_dump'

# ---- leaky functions, operators and casts, with statistics or without ----
leaks=$(
    attacker $console mallory 2>&1 <<'END'
SET client_min_messages = notice;
CREATE FUNCTION pg_temp.lt(a text, b text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$ BEGIN RAISE NOTICE 'seen %', a; RETURN a < b; END $$;
CREATE OPERATOR pg_temp.<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.lt, RESTRICT = scalarltsel);
CREATE FUNCTION pg_temp.fail(a text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$ BEGIN RAISE EXCEPTION 'seen %', a; END $$;
EXPLAIN SELECT 1 FROM nightbell.notifications WHERE title OPERATOR(pg_temp.<<<) 'z';
EXPLAIN SELECT 1 FROM nightbell.admin_system_events WHERE description OPERATOR(pg_temp.<<<) 'z';
EXPLAIN SELECT 1 FROM nightbell.events_of_all_tenants WHERE description OPERATOR(pg_temp.<<<) 'z';
EXPLAIN SELECT 1 FROM nightbell.users WHERE name OPERATOR(pg_temp.<<<) 'z';
SELECT count(*) FROM nightbell.notifications WHERE pg_temp.lt(title, 'z');
SELECT count(*) FROM nightbell.users WHERE pg_temp.lt(name, 'z');
SELECT count(*) FROM nightbell.tenants WHERE pg_temp.lt(name, 'z');
SELECT count(*) FROM nightbell.announcements WHERE pg_temp.fail(title);
SELECT count(*) FROM nightbell.admin_system_events WHERE pg_temp.lt(description, 'z');
SELECT count(*) FROM nightbell.events_of_all_tenants WHERE pg_temp.fail(description);
SELECT count(*) FROM nightbell.event_history_of_all_tenants WHERE pg_temp.fail(note);
SELECT count(*) FROM nightbell.deliveries WHERE pg_temp.lt(error, 'z');
SELECT count(*) FROM nightbell.deliveries_of_all_tenants WHERE pg_temp.fail(error);
SELECT count(*) FROM nightbell.deliveries_seen WHERE pg_temp.lt(error, 'z');
SELECT count(*) FROM generate_series(1, 2) g LEFT JOIN nightbell.events_of_all_tenants e ON pg_temp.fail(e.description);
SELECT count(*) FROM generate_series(1, 2) g WHERE EXISTS (SELECT FROM nightbell.events_of_all_tenants e WHERE pg_temp.fail(e.description) OR g = 1);
SELECT (SELECT count(*) FROM nightbell.events_of_all_tenants e WHERE pg_temp.fail(e.description) OR g = 3) FROM generate_series(1, 2) g;
SELECT count(*) FROM nightbell.events WHERE pg_temp.lt(description, 'z');
SELECT count(*) FROM nightbell.admin_system_events WHERE (description || '')::int = 1;
SELECT count(*) FROM nightbell.notifications WHERE (title || '')::int = 1;
SELECT count(*) FROM nightbell.notifications WHERE 1 / (CASE WHEN title LIKE 'ada-secret%' THEN 0 ELSE 1 END) = 0;
SELECT max(title) FROM nightbell.notifications GROUP BY pg_temp.lt(title, 'z');
SELECT count(*) FROM nightbell.notifications ORDER BY max(pg_temp.lt(title, 'z')::int);
CREATE INDEX ON nightbell.notifications (pg_temp.fail(title));
CREATE STATISTICS mine ON title, message FROM nightbell.notifications;
CREATE FUNCTION pg_temp.quiet(a text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true';
CREATE VIEW pg_temp.mine WITH (security_barrier = false) AS SELECT * FROM nightbell.notifications WHERE pg_temp.fail(message);
SELECT * FROM pg_temp.mine;
END
)
unlike "$leaks" 'secret' 'no function, operator or cast of the attacker is shown a text of others'
like "$leaks" 'seen of mallory' 'though they are called'
like "$leaks" 'only superuser can define a leakproof function' 'and cannot be said to be leakproof'

# rows that the attacker may not read are not scanned at all: under an outer join EXPLAIN ANALYZE would count them
for view in events_of_all_tenants event_history_of_all_tenants deliveries_of_all_tenants; do
    like "$(attacker $console mallory -c "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off)
            SELECT count(*) FROM generate_series(1, 2) g LEFT JOIN nightbell.$view e ON true" | grep -E 'on (admin_system_events|event_actions|deliveries)' | sed 's/.*Scan on [^(]*//' | sort -u)" \
        '^[^(]*\(never executed\)$' "$view is not read for who may not, under an outer join either"
done

# ---- doorbells ----
own=$(attacker $console mallory -c 'SELECT channel FROM nightbell.my_channels()')
others=$(for who in ada bob carol olga; do attacker $console $who -c 'SELECT channel FROM nightbell.my_channels()'; done)
is "$(comm -12 <(sort <<<"$own") <(sort <<<"$others"))" '' 'no bell is shared between the tenants'
is "$(attacker nightbell_producing app -c 'SELECT count(*) FROM nightbell.my_channels()')" 0 'a producer has none'
# every key that could be made from what an attacker knows: ids, without the secret
guesses=$(for scope in notification announcement event ping; do for id in "$ACME" "$ACME:$ADA" '*' '*:*' "$ACME:*"; do
    printf '%s' "$scope:$id" | sha256sum | cut -c 1-40; printf '%s' "$scope:$id" | openssl dgst -sha256 -hmac '' | sed 's/.* //' | cut -c 1-40; done; done)
is "$(comm -12 <(sed 's/^/nb_/' <<<"$guesses" | sort -u) <(sort -u <<<"$others"))" '' 'keys are not to be computed'
(
    attacker $console ada <<<"SELECT count(*) FROM nightbell.listen(); SELECT pg_sleep(30)" >"$test_dir/ada" 2>&1
) &
listening=$!
wait_for 10 grep -q 4 "$test_dir/ada" || wait_for 5 grep -q 3 "$test_dir/ada"
seen=$(attacker $console mallory -c "SELECT pg_listening_channels()" -c "SELECT * FROM pg_stat_activity" -c "SELECT * FROM pg_locks" -c "SELECT * FROM pg_prepared_statements" -c "SELECT * FROM pg_cursors" 2>&1)
unlike "$seen" 'nb_[0-9a-f]{40}' 'nobody sees to what others listen, under the same login neither'
unlike "$seen" 'eyJ' 'nor a token'
# a listener who guesses hears nothing of what is rung for others
heard=$(attacker $console mallory 2>&1 <<END
$(sed 's/.*/LISTEN nb_&;/' <<<"$guesses" | sort -u)
LISTEN nightbell; LISTEN notification; LISTEN "*"; LISTEN nb_; LISTEN "notification:$ADA";
\\! env -u PGOPTIONS PGUSER=postgres $pg_bin/psql -XqAt -c "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'ada-secret', 'for the ear')" -c "SELECT nightbell.raise_event('job', 'high', 'x')" >/dev/null
SELECT 'done';
END
)
is "$heard" done 'who listens to everything that can be guessed hears nothing'
PGUSER=postgres "$pg_bin/psql" -XqAt -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND usename = '$console'" >/dev/null
wait $listening
done_testing
