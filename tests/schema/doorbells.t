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
notify="nightbell.notify('$ACME', '$ADA', 'WALLET_TOP_UP', "

is "$(rings "SELECT $notify 'one', 'm');")" "$(bell 'notification ada' notification insert 1)" "a notification rings its reader, once"
is "$(rings "SELECT $notify 'one', 'm');")" "" "the same again rings nobody"
is "$(rings "BEGIN; SELECT $notify 'two', 'm'); ROLLBACK;")" "" "nor what is rolled back"
is "$(rings "SELECT nightbell.announce('$ACME', 'BROADCAST_MESSAGE', 'all', 'm');")" "$(bell 'announcement ada' notification insert 1)" \
    "an announcement rings the tenant, once"
is "$(rings "SELECT nightbell.announce('$GLOBEX', 'BROADCAST_MESSAGE', 'all', 'm');")" "$(bell 'announcement mallory' notification insert 1)" "its own tenant"
is "$(rings "SELECT count(*) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', '$ACME', 'user', u, 'type', 'WALLET_TOP_UP',
    'title', n::text, 'message', 'm') FROM generate_series(1, 500) n, unnest('{$ADA,$BOB}'::uuid[]) u));")" \
    "$(bell 'notification ada' notification insert 500; bell 'notification bob' notification insert 500)" "a thousand at once ring each reader once"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', gen_random_uuid(), 'reader ' || n FROM generate_series(1, 200) n"
is "$(rings "SELECT nightbell.broadcast('$ACME', 'tenant', NULL, 'BROADCAST_MESSAGE', 'each', 'm');")" \
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
psql_do "UPDATE nightbell.installation SET ring = 'deferred'"
is "$(rings "SELECT $notify 'three', 'm'); SELECT $raise; SELECT nightbell.announce('$ACME', 'BROADCAST_MESSAGE', 'b', 'm');")" "" "ring = deferred: the writer rings nobody"
psql_do "UPDATE nightbell.installation SET ring = 'commit'"

# A client listens to its own channels by one call.
is "$("$pg_bin/psql" -XqAt -U nightbell_console -c "SET nightbell.token = '$(make_token ada)'" -c 'SELECT count(*) FROM nightbell.listen()' \
    -c 'SELECT count(*) FROM pg_listening_channels()' | paste -sd' ')" "3 3" "listen() listens to all of one's own"
done_testing
