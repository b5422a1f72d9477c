#!/bin/bash
# Doorbells: which key rings for what, how often, and that nothing is in them.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
cluster_start

# Every key by a name: "notification ada". Asked as the people, since nobody else can know them.
keys=$test_dir/keys
for name in ada bob carol mallory olga; do
    psql_person "$name" "SELECT channel, kind || ' $name' FROM nightbell.my_channels()" | tr '|' ' ' >>"$keys"
done
kinds() { grep -c " $1 $2\$" "$keys"; }
is "$(kinds notification ada) $(kinds announcement ada) $(kinds ping ada) $(kinds event ada)" "1 1 1 0" "a user: own, tenant's, ping, no events"
is "$(kinds event bob)" 1 "an operator has the events too"
like "$(sed -n 's/ .*//p' "$keys" | head -1)" '^nb_[0-9a-f]{40}$' "a key is a keyed hash"
key() { sed -n "s/ $1 $2\$//p" "$keys"; }
is "$(key announcement ada)" "$(key announcement bob)" "a tenant's key is the same for its people"
isnt "$(key announcement ada)" "$(key announcement mallory)" "and another for another tenant's"
is "$(key event bob)" "$(key event carol)" "operators of a tenant share one"
isnt "$(key event bob)" "$(key event olga)" "the global operators have their own"
is "$(key announcement olga)" "$(key announcement ada)" "a global operator hears the announcements of where she is at home"
is "$(psql_as nightbell_console 'SELECT count(*) FROM nightbell.my_channels()')" 0 "nobody has no keys"

# What rings when a superuser's session, listening to every key, does something: "notification ada: {…}", sorted.
rings() {
    {
        sed -n 's/^\([^ ]*\) .*/LISTEN "\1";/p' "$keys" | sort -u
        printf '%s\n' "$1" "SELECT 1;"
    } | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 2>&1 |
        sed -n 's/^Asynchronous notification "\([^"]*\)" with payload "\(.*\)" received.*/\1 \2/p' |
        while read -r channel payload; do
            echo "$(sed -n "s/^$channel //p" "$keys" | head -1): $payload"
        done | sort
}
bell() { printf '%s: {"v":1,"kind":"%s","op":"%s","n":%s}\n' "$1" "$2" "$3" "$4"; }
notify="nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', "

is "$(rings "SELECT $notify 'one', 'm');")" "$(bell 'notification ada' notification insert 1)" "a notification rings its reader, once"
is "$(rings "SELECT $notify 'one', 'm');")" "" "the same again rings nobody"
is "$(rings "BEGIN; SELECT $notify 'two', 'm'); ROLLBACK;")" "" "nor what is rolled back"
is "$(rings "SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'all', 'm');")" "$(bell 'announcement ada' notification insert 1)" \
    "an announcement rings the tenant, once"
is "$(rings "UPDATE nightbell.announcements SET deleted_at = now() WHERE tenant_id = '$ACME' AND title = 'all';")" "$(bell 'announcement ada' notification delete 1)" \
    "and as deleted when it is withdrawn: its readers see it no more"
is "$(rings "SELECT nightbell.announce('$GLOBEX', 'TEST_NOTE', 'all', 'm');")" "$(bell 'announcement mallory' notification insert 1)" "its own tenant"
is "$(rings "SELECT count(*) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', '$ACME', 'user', u, 'type', 'TEST_NOTE',
    'title', n::text, 'message', 'm') FROM generate_series(1, 500) n, unnest('{$ADA,$BOB}'::uuid[]) u));")" \
    "$(bell 'notification ada' notification insert 500; bell 'notification bob' notification insert 500)" "a thousand at once ring each reader once"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', gen_random_uuid(), 'reader ' || n FROM generate_series(1, 200) n"
is "$(rings "SELECT nightbell.broadcast('$ACME', 'tenant', NULL, 'TEST_NOTE', 'each', 'm');")" \
    "$(bell 'announcement ada' notification resync 205)" "over a hundred readers: the tenant, once, to look again"

read_all="FROM nightbell.notifications n WHERE n.user_id = '$ADA'"
is "$(rings "UPDATE nightbell.notifications SET read_at = now() WHERE user_id = '$ADA';")" \
    "$(bell 'notification ada' notification update "$(psql_do "SELECT count(*) $read_all")")" "reading all rings one's other consoles, once"
is "$(rings "UPDATE nightbell.notifications SET read_at = now() WHERE false;")" "" "a change of nothing rings nobody"
is "$(rings "INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at) SELECT tenant_id, id, '$BOB', now() FROM nightbell.announcements WHERE tenant_id = '$ACME';")" \
    "$(bell 'notification bob' notification update 1)" "a receipt rings its reader only"
is "$(rings "DELETE FROM nightbell.notifications WHERE user_id = '$BOB' AND title = '7';")" "$(bell 'notification bob' notification delete 1)" "a delete too"

raise="nightbell.raise_event('job', 'low', 'd', tenant => '$ACME', fingerprint => 'f')"
is "$(rings "SELECT $raise;")" "$(bell 'event bob' event insert 1; bell 'event olga' event insert 1)" "an event rings the tenant's operators and the global ones"
is "$(rings "SELECT $raise;")" "$(bell 'event bob' event update 1; bell 'event olga' event update 1)" "raised again it is an update"
is "$(rings "SELECT nightbell.raise_event('job', 'low', 'd');")" "$(bell 'event olga' event insert 1)" "one of no tenant rings the global ones only"
is "$(rings "UPDATE nightbell.admin_system_events SET is_resolved = true;")" \
    "$(bell 'event bob' event update 1; bell 'event olga' event update 2)" "resolving many rings once, with how many"

unlike "$(rings "SELECT $notify 'secret title', 'secret message', '{\"secret\": 1}');")" secret "nothing of the content is in a bell"


# Ringing apart from writing.
three() { echo "SELECT $notify 'three $1', 'm'); SELECT $raise; SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'b $1', 'm');"; }
is "$(rings "SET nightbell.ring = 'deferred'; $(three 1)")" "" "deferred: the writer rings nobody"
is "$(rings "SET nightbell.ring = 'deferred'; DELETE FROM nightbell.notifications WHERE user_id = '$BOB' AND title = '8';")" \
    "$(bell 'notification bob' notification delete 1)" "but a delete, which leaves nothing to look for"
after() {
    echo "SET nightbell.ring = 'after'; BEGIN; SELECT $notify 'four $1', 'm'); SELECT $notify 'five $1', 'm');
        SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'c $1', 'm'); SELECT nightbell.raise_event('job', 'low', 'after', tenant => '$ACME');"
}
is "$(rings "$(after 1) COMMIT;")" "" "after: nor does the writing transaction"
is "$(rings "$(after 2) COMMIT; SELECT nightbell.ring();")" \
    "$(bell 'announcement ada' notification insert 1; bell 'event bob' event insert 1; bell 'event olga' event insert 1; bell 'notification ada' notification insert 2)" \
    "ring() does, once a recipient"
is "$(rings "$(after 3) COMMIT; SELECT nightbell.ring(); SELECT 'second'; SELECT nightbell.ring();" | wc -l)" 4 "and only once"
is "$(rings "$(after 4) ROLLBACK; SELECT nightbell.ring();")" "" "for nothing that was rolled back"
is "$(rings "SET nightbell.ring = 'after'; SELECT nightbell.broadcast('$ACME', 'tenant', NULL, 'TEST_NOTE', 'after each', 'm'); SELECT nightbell.ring();")" \
    "$(bell 'announcement ada' notification resync 205)" "a crowd is the tenant here too"
forge() { # TOKENS [SQL…]: what a session that writes its own list is told
    local tokens=$1
    shift
    PGOPTIONS="-c nightbell.token=$(make_token app) -c nightbell.ring=after" "$pg_bin/psql" -XqAt -U nightbell_producing \
        -c "SET nightbell.rings = '$tokens'" "$@" -c 'SELECT nightbell.ring()' 2>&1
}
mine="notification:insert:1:$ACME:$ADA"
# A note is the schema's own, but it can be kept: it is good for its session, and for ten minutes.
kept=$(PGOPTIONS="-c nightbell.token=$(make_token app) -c nightbell.ring=after" "$pg_bin/psql" -XqAt -U nightbell_producing \
    -c "SELECT $notify 'kept', 'm') IS NOT NULL" -c "SHOW nightbell.rings" | tail -1)
is "$(psql_as nightbell_producing "SET nightbell.rings = '$kept'; SELECT nightbell.ring()")" 0 'a note of another session rings nobody'
aged() { # SECONDS: rings by a note that was signed so long ago
    psql_do "SELECT set_config('nightbell.rings', nightbell.rings_signature((SELECT doorbell_secret FROM nightbell.installation), t.tokens) || ' ' || t.tokens, false) IS NULL
        FROM (SELECT pg_backend_pid() || ':' || extract(epoch FROM now())::bigint - $1 || ' $mine' AS tokens) AS t; SELECT nightbell.ring()" | tail -1
}
is "$(aged 1) $(aged 590) $(aged 610) $(aged 1000000) $(aged -60)" '1 1 0 0 0' 'nor one that is old'
like "$(forge "$mine")" 'not what the doorbells wrote' "a list of one's own making is refused"
like "$(forge "$(printf '%064d' 0) $mine")" 'not what the doorbells wrote' "with a made-up signature too"
is "$(forge "$(printf '%064d' 0) $mine" -c "SELECT $notify 'beside a forged one', 'm') IS NOT NULL")" "t
1" "nor does it get in beside a real one"

# Deferred: a session that looks as the hub does. \\gset keeps where it looked up to.
hub_in=$test_dir/hub.in hub_out=$test_dir/hub.out
mkfifo "$hub_in"
"$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 <"$hub_in" >"$hub_out" 2>&1 &
exec 7>"$hub_in"
looks=0
hub_says() { grep -q "^$1\$" "$hub_out"; }
look() { # sets $rung
    looks=$((looks + 1))
    printf '%s\n' "SELECT snapshot AS last, rung FROM nightbell.ring_deferred(nullif(:'last', '')::pg_snapshot) \\gset" "\\echo look $looks :rung" >&7
    wait_for 20 hub_says "look $looks .*" || bail_out "the session that looks has ended: $(tail -2 "$hub_out")"
    rung=$(sed -n "s/^look $looks //p" "$hub_out")
}
echo "\\set last ''" >&7
PGOPTIONS='-c nightbell.ring=deferred'
export PGOPTIONS
look
is "$rung" 0 "the first look begins now"
psql_do "SELECT $notify 'six', 'm')" >/dev/null
look
is "$rung" 1 "deferred: the next look rings for what came"
look
is "$rung" 0 "once"
psql_do "$(three 2)" >/dev/null
look
is "$rung" 4 "a notification, an event for both kinds of operators, an announcement"
psql_do "UPDATE nightbell.receipts SET read_at = now()" >/dev/null
psql_do "INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at) SELECT tenant_id, id, '$CAROL', now() FROM nightbell.announcements WHERE tenant_id = '$ACME'"
look
is "$rung" 2 "receipts ring their readers"
psql_do "SELECT nightbell.broadcast('$ACME', 'tenant', NULL, 'TEST_NOTE', 'deferred each', 'm')" >/dev/null
look
is "$rung" 1 "a crowd is the tenant here too"

# A transaction that stays open across many looks, beside others that commit, is rung for exactly once.
late_in=$test_dir/late.in
mkfifo "$late_in"
"$pg_bin/psql" -XqAt <"$late_in" >"$test_dir/late.out" 2>&1 &
exec 8>"$late_in"
echo "BEGIN; SELECT nightbell.notify('$ACME', '$BOB', 'TEST_NOTE', 'late', 'm'); SELECT 'open';" >&8
wait_for 20 grep -q open "$test_dir/late.out"
early=
for n in 1 2 3 4 5; do
    psql_do "SELECT $notify 'early $n', 'm')" >/dev/null
    look
    early+=$rung
    look
    early+=$rung
done
is "$early" 1010101010 "while a transaction stays open, the others ring, once each"
echo "COMMIT; SELECT 'closed';" >&8
wait_for 20 grep -q closed "$test_dir/late.out"
look
is "$rung" 1 "it rings when it commits"
look
is "$rung" 0 "once"
exec 8>&-

# Only one session looks at a time, and the next one goes on where the last one ended.
is "$(psql_do 'SELECT nightbell.become_ringer(), nightbell.is_ringing()')" 't|t' "a session becomes the one that rings"
nobody_rings() { [ "$(psql_do 'SELECT nightbell.is_ringing()')" = f ]; } # a server process ends a moment after its client
wait_for 10 nobody_rings
lead() { printf '%s\n' 'SELECT nightbell.become_ringer() AS lead \gset' "\\echo lead $1 :lead" >&7; wait_for 20 hub_says "lead $1 ."; sed -n "s/^lead $1 //p" "$hub_out"; }
is "$(lead 1)" t "the lock went with its session"
is "$(psql_do 'SELECT nightbell.become_ringer(), nightbell.is_ringing()')" 'f|t' "a second one stands by"
psql_do "UPDATE nightbell.ring_progress SET looked_at = clock_timestamp()"
psql_do "SELECT $notify 'between two hubs', 'm')" >/dev/null
exec 7>&-
alone() { [ "$(psql_do 'SELECT nightbell.is_ringing()')" = f ]; }
ok "nobody rings when the session has ended" wait_for 20 alone
is "$(psql_do 'SELECT rung > 0 FROM nightbell.ring_deferred(NULL)')" t "the next hub goes on where the last one ended"
psql_do "UPDATE nightbell.ring_progress SET looked_at = clock_timestamp() - interval '1 hour'"
is "$(psql_do 'SELECT rung FROM nightbell.ring_deferred(NULL)')" 0 "unless that was long ago: everybody has looked again since"
unset PGOPTIONS
is "$("$pg_bin/psql" -XqAt -U nightbell_console -c 'SELECT pg_try_advisory_lock(7956003915053557100)' -c 'SELECT ring, is_ringing FROM nightbell.bells()' | paste -sd' ')" \
    't commit|f' "a client that takes the lock is not taken for a hub"
like "$(psql_as nightbell_console 'SELECT installation FROM nightbell.bells()')" '^[0-9a-f]{16}$' "hubs and their clients find each other by a name"
not_ok "a client cannot look as a hub does" psql_as nightbell_console 'SELECT nightbell.ring_deferred(NULL)'
not_ok "nor listen as one does" psql_as nightbell_console "SELECT nightbell.hub_listen('{x}', true)"


# A client listens to its own channels by one call.
is "$("$pg_bin/psql" -XqAt -U nightbell_console -c "SET nightbell.token = '$(make_token ada)'" -c 'SELECT count(*) FROM nightbell.listen()' \
    -c 'SELECT count(*) FROM pg_listening_channels()' | paste -sd' ')" "3 3" "listen() listens to all of one's own"
# ---- another table that rings ----
psql_do "CREATE TABLE nightbell.parcels (tenant_id uuid, user_id uuid, n int);
    SELECT nightbell.ring_on('nightbell.parcels', 'nightbell.ring_users', '{insert,delete}')"
hears() { # SQL: how many bells ada's channel gets of it
    psql_do "DO \$\$ BEGIN EXECUTE format('LISTEN %I', nightbell.doorbell_key((SELECT doorbell_secret FROM nightbell.installation), 'notification', '$ACME', '$ADA')); END \$\$; $1" 2>&1 |
        grep -c 'Asynchronous notification'
}
row="INSERT INTO nightbell.parcels SELECT '$ACME', '$ADA', n FROM generate_series(1, 3) AS n"
is "$(hears "$row")" 1 'ring_on(): a table rings once a statement'
is "$(hears "UPDATE nightbell.parcels SET n = n + 1")" 0 'for what it was asked to'
is "$(hears "SET nightbell.ring = 'deferred'; $row")" 0 'not where ringing is deferred'
is "$(hears "SET nightbell.ring = 'deferred'; DELETE FROM nightbell.parcels")" 1 'but for deletes'
done_testing
