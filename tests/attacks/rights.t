#!/bin/bash
# What the worker's login may: exactly this list. A right that a new function or table brings is written down here, or it is
# not given.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
is "$(psql_do "SELECT string_agg(r.rolname, ' ' ORDER BY 1) FROM pg_roles r WHERE pg_has_role('nightbell_working', r.oid, 'MEMBER')")" 'nightbell_worker nightbell_working' \
    'a worker is a member of nothing else'
is "$(psql_do "SELECT count(*) FROM pg_roles r WHERE r.rolname IN ('nightbell_working', 'nightbell_worker')
    AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)")" 0 'and has no attribute that gives more'
is "$(psql_do "SELECT string_agg(x.what, ', ') FROM (
    SELECT 'owns ' || d.classid::regclass || ' ' || d.objid AS what FROM pg_shdepend d WHERE d.refobjid IN ('nightbell_working'::regrole, 'nightbell_worker'::regrole) AND d.deptype = 'o'
    UNION ALL
    SELECT p.privilege || ' on ' || c.oid::regclass FROM pg_class c CROSS JOIN unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege('nightbell_working', c.oid, p.privilege)
    UNION ALL
    SELECT p.privilege || ' on ' || c.oid::regclass FROM pg_class c CROSS JOIN unnest('{USAGE,SELECT,UPDATE}'::text[]) AS p (privilege)
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind = 'S' AND has_sequence_privilege('nightbell_working', c.oid, p.privilege)
    UNION ALL
    SELECT 'CREATE in ' || n.nspname FROM pg_namespace n WHERE has_schema_privilege('nightbell_working', n.oid, 'CREATE') AND n.nspname !~ '^pg_temp') AS x")" '' \
    'it owns nothing, writes to no table, and makes nothing'

is "$(psql_do "SELECT string_agg(c.oid::regclass || '.' || a.attname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
        AND has_column_privilege('nightbell_working', c.oid, a.attnum, 'SELECT')")" '' 'it reads no table or view itself'
psql_do "SELECT DISTINCT p.proname FROM pg_proc p WHERE p.pronamespace = 'nightbell'::regnamespace AND has_function_privilege('nightbell_working', p.oid, 'EXECUTE')" |
    sort >"$test_dir/has"
grep -v '^#' <<'END' | tr ' ' '\n' | sort >"$test_dir/needs"
# app events
clock engine_claim engine_failed engine_plan engine_waits engine_write milliseconds_until template_texts_for
template_versions
# deliveries
all_channels channel_report delivery_abandon delivery_cancelled delivery_claim delivery_finish delivery_sent delivery_waits import_receipts register_channels worker_formers worker_sends
# its life and its duties
digest_due digest_next digest_write purge_digest_slots
# links in what it will send; and who serves them
unsubscribe unsubscribe_token
drain_default drop_past_log_partition engine_watch ensure_partitions events_due events_due_next heartbeats_due
heartbeats_next make_log_partitions make_partitions occurrences_next occurrences_wanted partition_report purge
purge_bookkeeping purge_engine purge_preview purge_tallies release_due release_held security_report store_occurrences take_duties tally_up
windows_ended worker_beat worker_channel worker_start
# archives, which it may write
begin_archive detach_past_partition detached_lines detached_partitions drop_detached drop_past_partition finish_archive
forget_archive take_past unfinished_archives
# the hub's part
become_ringer bells hub_channel hub_listen is_ringing resign_ringer ring_deferred ringer_lock
# it may produce, as every producer
announce broadcast heartbeat notify notify_many person_find produce_many publish raise_event ring settle_event
# who it is: nobody, without a token
claims current_tenant current_user_id has_role home_tenant is_global operated_tenant operates_globally remember_token
schema_version whoami
# what computes and reads nothing of anybody
array_problem combined_problem data_problem fits_format is_date is_date_time is_ipv6 iso_interval matches_pattern
number_problem object_problem path_before path_step pattern_brackets pattern_escape pattern_regex plain_text
severity_rank string_problem type_document type_words urgency_rank uuidv7 uuidv7_at uuidv7_batch uuidv7_floor
uuidv7_time value_problem window_matches
END
is "$(comm -23 "$test_dir/has" "$test_dir/needs")" '' 'it calls nothing that is not on the list'
is "$(comm -13 "$test_dir/has" "$test_dir/needs")" '' 'and all that is on it'
done_testing
