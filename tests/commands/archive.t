#!/bin/bash
# `db purge --archive`: rows are on disk before they are removed, whatever happens meanwhile; none is lost, none is kept twice.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"

cluster_start
export NIGHTBELL_DSN=$cluster_admin_dsn
archive=$test_dir/archive
# older than the retention by so little that their partition, which also has younger rows, stays: on every day of the year
past='180 days 1 minute'

# letters AGE TITLE COUNT [EXPIRES]: notifications to ada that are that old
letters() {
    psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, data, created_at, expires_at)
        SELECT nightbell.uuidv7_at(now() - interval '$1'), '$ACME', '$ADA', 'TEST_NOTE', '$2 ' || n, repeat('text ', 20),
            jsonb_build_object('n', n), now() - interval '$1', ${4:-NULL} FROM generate_series(1, $3) AS n"
}
lines() { find "$archive" -name "${1:-*}.ndjson.gz" -exec zcat {} + ; }
first_line() { lines "$1" 2>/dev/null | head -1; }
# What there is and what was archived, together, by title: each exactly once.
everywhere() {
    {
        lines | jq -r 'select(.kind == "notification") | .title'
        psql_do "SELECT title FROM nightbell.notifications"
        for partition in $(psql_do 'SELECT nightbell.detached_partitions()'); do psql_do "SELECT title FROM nightbell.$partition"; done
    } | sort
}
unfinished() { psql_do 'SELECT count(*) FROM nightbell.archives WHERE finished_at IS NULL'; }

# -- rows of all kinds
letters '0 seconds' young 5
letters "$past" aged 2500
letters '1 hour' expired 3 "now() - interval '1 minute'"
psql_do "INSERT INTO nightbell.announcements (id, tenant_id, type, title, message, created_at)
    VALUES (nightbell.uuidv7_at(now() - interval '200 days'), '$ACME', 'TEST_NOTE', 'old news', 'text', now() - interval '200 days')"
psql_do "INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at)
    SELECT tenant_id, id, '$ADA', now() FROM nightbell.announcements"
psql_do "INSERT INTO nightbell.admin_system_events (created_at, last_seen_at, event_type, severity, description, details, tenant_id)
    VALUES (now() - interval '400 days', now() - interval '400 days', 'old', 'low', 'old', '{\"job\": 7}', '$ACME')"
psql_do "INSERT INTO nightbell.event_actions (event_id, tenant_id, action, note) SELECT id, tenant_id, 'note', 'seen' FROM nightbell.admin_system_events"
psql_do "UPDATE nightbell.admin_system_events SET stale_at = now() - interval '1 day', flapping_until = now() + interval '1 day'"
psql_do "INSERT INTO nightbell.windows (tenant_id, window_id, behaviour, starts, ends, until, reason)
    VALUES ('$ACME', 'move', 'events', now() - interval '1 day', now() + interval '1 day', now(), 'the move')"
psql_do "INSERT INTO nightbell.window_spans (tenant_id, window_id, starts_at, ends_at)
    VALUES ('$ACME', 'move', now() - interval '1 day', now() + interval '1 day')"

run "$nightbell" db purge --dry-run --json
is "$(jq -c '[.notifications, .announcements, .events]' <<<"$out")" '[2503,1,1]' "a dry run counts what would go"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications')" 2508 "and removes nothing"
run "$nightbell" db purge --archive "$archive" --json
is_status 0 "purge with an archive"
is "$(jq -c '[.notifications, .announcements, .receipts, .events]' <<<"$out")" '[2503,1,1,1]' "says how many went"
is "$(jq -r '[.files[].rows] | add' <<<"$out")" 2506 "and in which files"
is "$(stat -c '%a' "$archive" "$archive"/* | sort -u | paste -sd ' ')" '600 700' "which nobody else can read"
is "$(find "$archive" -name '*.part')" '' "nothing half written is left"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications')" 5 "what is young stays"
is "$(everywhere | uniq | wc -l)" 2508 "every row is in one place"
is "$(lines 'notifications*' | jq -s 'map(.data.n) | add')" $((2500 * 2501 / 2 + 6)) "an archive can be read back, data and all"
is "$(first_line 'notifications*' | jq -r '[.tenant_id, .user_id, .user_name, .status, .is_read] | join(" ")')" "$ACME $ADA ada unread false" \
    "whose it was and how it stood are in it"
missing=$(comm -23 <(person ada "$nightbell" export inbox | head -1 | jq -r keys[] | sort) <(first_line 'notifications*' | jq -r keys[] | sort))
is "$missing" '' "with every member of the export"
is "$(lines 'announcements*' | jq -r .title) $(lines 'receipts*' | jq -r .user_name)" 'old news ada' "an announcement and its receipts"
is "$(lines 'events*' | jq -r '[.details.job, .history[0].note] | join(" ")')" '7 seen' "an event with its history"
is "$(lines 'events*' | jq -c '[.held_by, .is_stale, .is_flapping]')" '["move",true,true]' "and what it was when it went"
missing=$(comm -23 <(raise low x >/dev/null; person bob "$nightbell" export events | head -1 | jq -r 'del(.resolved_by_name, .acknowledged_by_name, .assigned_to_name) | keys[]' | sort) \
    <(lines 'events*' | jq -r keys[] | sort))
is "$missing" '' "with every member of its export"
run "$nightbell" db purge --archive "$archive" --json
is "$(jq -c .files <<<"$out")" '[]' "nothing more: no file"
is "$(psql_do "SELECT count(*) || ' ' || sum(rows) FROM nightbell.archives")" "$(find "$archive" -type f | wc -l) 2506" "the database knows its archives"

# -- whole partitions
letters '310 days' 'long ago' 4000
letters '270 days' 'long ago too' 1000
run "$nightbell" db rotate-partitions --json
is "$(jq -c '[.moved, .dropped, .waiting]' <<<"$out")" '[5000,0,2]' "in a database with an archive a rotation drops nothing"
run "$nightbell" db purge --archive "$archive" --json
is "$(jq -c '[.partitions, .notifications]' <<<"$out")" '[2,5000]' "past partitions are archived and dropped"
is "$(psql_do 'SELECT count(*) FROM nightbell.partitions() WHERE upper_id < nightbell.uuidv7_floor(now())')" \
    "$(psql_do "SELECT count(*) FROM nightbell.partitions() WHERE upper_id < nightbell.uuidv7_floor(now()) AND upper_id > nightbell.uuidv7_floor(now() - interval '180 days')")" \
    "only partitions within retention are left"
is "$(lines 'past_notifications*' | wc -l)" 5000 "one file each"
is "$(everywhere | uniq -d)" '' "nothing is there twice"

# -- the disk is full
letters "$past" full 20000
before=$(find "$archive" -type f | sort)
(ulimit -f 16; exec "$nightbell" db purge --archive "$archive") >/dev/null 2>"$test_dir/stderr"
status=$?
isnt "$status" 0 "a full disk ends the purge"
like "$(cat "$test_dir/stderr")" 'write the archive.s file notifications.*: File too large' "and says what could not be written"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'full %'")" 20000 "no row has gone"
is "$(find "$archive" -type f | sort)" "$before" "and no file is left over"
is "$(unfinished)" 0 "nor a record of one"
letters '300 days' 'full partition' 9000
"$nightbell" --quiet db rotate-partitions
(ulimit -f 16; exec "$nightbell" db purge --archive "$archive") >/dev/null 2>&1
is "$(everywhere | grep -c '^full partition')" 9000 "the same with a whole partition"
run "$nightbell" db status
like "$out" '1 past: nightbell db purge' "which waits, and db status says so"

# a real full disk, where one may be mounted (in a namespace of its own: nothing is left of it)
mkdir "$test_dir/small"
if unshare -rm mount -t tmpfs -o size=64k none "$test_dir/small" 2>/dev/null; then
    run unshare -rm sh -c 'mount -t tmpfs -o size=64k none "$1" && "$2" db purge --archive "$1"; echo "exit $?"; ls -A "$1"' - "$test_dir/small" "$nightbell"
    is "$out" 'exit 1' "a disk that is full: nothing is left on it"
    like "$err" 'No space left on device' "and it says so"
    is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'full %'") $(unfinished)" '20000 0' "no row has gone"
else
    echo "ok $((tap_count += 1)) # SKIP no file system may be mounted here: a file that may not grow stands for it"
fi

# -- killed again and again: when its file has reached a certain size, and then at random
part_has() { [ "$(find "$archive" -name '*.part' -size +"$1"c | wc -l)" -gt 0 ]; }
killed=0
for size in 0 10000 20000 50000 70000 100000 200000; do
    letters "$past" "killed $size" 2000
    "$nightbell" db purge --archive "$archive" >/dev/null 2>&1 &
    pid=$!
    wait_for 3 part_has $size
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? != 137 ] || killed=$((killed + 1))
done
isnt $killed 0 "SIGKILL has hit it ($killed times)"
run "$nightbell" db purge --archive "$archive"
is_status 0 "the next one goes through"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title !~ '^young'")" 0 "and leaves nothing that is past"
is "$(everywhere | wc -l) $(everywhere | uniq -d | wc -l)" "$((2508 + 5000 + 20000 + 9000 + 7 * 2000)) 0" "every row is there, once"
is "$(find "$archive" -name '*.part'; unfinished)" 0 "no half file and no open record is left"

# exactly between the file's last fsync and the commit: the server does not answer any more
letters "$past" frozen 3000
psql_do "CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'"
psql_do "GRANT EXECUTE ON FUNCTION public.hold() TO nightbell_owner"
psql_do "CREATE TRIGGER hold BEFORE UPDATE ON nightbell.archives FOR EACH ROW EXECUTE FUNCTION public.hold()"
"$nightbell" db purge --archive "$archive" >/dev/null 2>&1 &
pid=$!
holding() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]; }
wait_for 30 holding
is "$(lines | grep -c '"frozen ')" 3000 "the file is whole, the rows not gone yet"
kill -KILL $pid
wait $pid 2>/dev/null
psql_do "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
psql_do "DROP TRIGGER hold ON nightbell.archives"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'frozen %'") $(unfinished)" '3000 1' "killed there, the rows are in both places, and the record says so"
run "$nightbell" db status
like "$out" 'archive +one was not finished' "as does db status"
run "$nightbell" db purge --archive "$archive"
like "$out" '1 file of a purge that did not finish removed' "the next one removes that file"
is "$(lines | grep -c '"frozen ') $(everywhere | uniq -d | wc -l)" '3000 0' "and archives its rows anew: once"

# -- what it refuses
run "$nightbell" db purge --archive "$test_dir/nowhere/archive"
is_status 1 "a directory that cannot be made"
like "$err" 'nowhere' "is named"
ln -s /etc/hostname "$test_dir/file"
run "$nightbell" db purge --archive "$test_dir/file"
is_status 1 "a file is no directory"
run "$nightbell" db purge --batch 0
is_status 2 "a batch of nothing"
run "$nightbell" --dsn "$cluster_dsn" db purge --archive "$archive"
is_status 4 "a client may not"
done_testing
