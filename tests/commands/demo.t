#!/bin/bash
# The demonstration: loaded once, played live, seen as each of its people, and cleared with nothing else.
. "${srcdir:-.}/tests/lib/tap.sh"

export NIGHTBELL_LOCAL_DIR=$test_dir/local XDG_RUNTIME_DIR=$test_dir/runtime
mkdir -m 0700 "$XDG_RUNTIME_DIR"
end() { "$nightbell" local destroy --yes >/dev/null 2>&1; }
at_exit end
as() { (eval "$("$nightbell" demo env "$1")" && "${@:2}"); }

"$nightbell" --quiet local start || bail_out "no local cluster"
dsn=$("$nightbell" local status --json | jq -r .dsn)
ask() { psql -XqAt -v ON_ERROR_STOP=1 "${dsn/nightbell_console/nightbell_administrator}" -c "$1"; }

run "$nightbell" inbox
is_status 4 "before it is loaded, nobody is known in the local cluster"
run "$nightbell" demo env ada
is_status 3 "and there is nobody to be"
like "$err" 'nightbell demo load' "the error says how to get them"
ask "INSERT INTO nightbell.tenants (id, name) VALUES (gen_random_uuid(), 'initech')"

# -- load

run "$nightbell" demo load
is_status 0 "load"
count=$(ask 'SELECT count(*) FROM nightbell.notifications')
ok "there are some thousands of notifications" test "$count" -gt 4000
is "$(ask 'SELECT count(*) FROM nightbell.notification_types t WHERE NOT EXISTS
    (SELECT FROM nightbell.notifications n WHERE n.type = t.type)')" 0 "of all types"
is "$(ask 'SELECT count(*) FROM (SELECT type, data FROM nightbell.notifications UNION ALL SELECT type, data FROM nightbell.announcements) n
    JOIN nightbell.notification_types t USING (type) WHERE nightbell.data_problem(t.type, t.data_schema, n.data) IS NOT NULL')" 0 "with data that fits them"
is "$(ask 'SELECT count(*) FROM nightbell.notifications n WHERE abs(date_part($$epoch$$, nightbell.uuidv7_time(n.id) - n.created_at)) > 0.01')" 0 "whose ids are of their time"
is "$(ask 'SELECT count(*) FROM nightbell.notifications_default')" 0 "in partitions of their own"
is "$(ask "SELECT string_agg(DISTINCT severity, ' ') FROM nightbell.admin_system_events WHERE NOT is_resolved")" 'critical high low medium' "open events of every severity"
is "$(ask 'SELECT count(*) FROM nightbell.admin_system_events e WHERE NOT EXISTS
    (SELECT FROM nightbell.event_actions a WHERE a.event_id = e.id)')" 0 "each with its history"
run "$nightbell" demo load
is_status 0 "load again"
is "$(ask 'SELECT count(*) FROM nightbell.notifications')" "$count" "changes nothing"
ask 'DROP TABLE nightbell_demo.complete'
run "$nightbell" demo load
is "$status|$(ask 'SELECT count(*) FROM nightbell.notifications')" "0|$count" "a load that was interrupted is begun anew"

# -- people

run as ada "$nightbell" inbox --limit 5
is_status 0 "ada reads her inbox"
run as ada "$nightbell" events
is_status 4 "but no events"
run as bob "$nightbell" events --json --limit 500
is "$(jq -r .tenant_name <<<"$out" | sort -u)" acme "bob sees the events of his tenant"
run as gina "$nightbell" events --json --limit 500
is "$(jq -r .tenant_name <<<"$out" | sort -u)" globex "gina those of hers"
run as olga "$nightbell" events --json --limit 500
is "$(jq -r '.tenant_name // "-"' <<<"$out" | sort -u | tr '\n' ' ')" '- acme globex ' "olga those of everybody"
eval "$("$nightbell" demo env ada)"
is "$(stat -c %a "$NIGHTBELL_TOKEN_FILE")" 600 "a token's file is private"
is "$NIGHTBELL_TOKEN_FILE" "$NIGHTBELL_LOCAL_DIR/tokens/ada.token" "and lies with its cluster"
run "$nightbell" demo env bob
is_status 0 "a shell that is ada can become bob"
unset NIGHTBELL_DSN NIGHTBELL_TOKEN_FILE
run "$nightbell" demo env zoe
is_status 3 "a name that nobody has"
like "$err" 'ada, bob, carol' "is answered with those that there are"
run "$nightbell" inbox count
is "$status|$out" "0|$(as bob "$nightbell" inbox count)" "who says nothing is bob"
run as ada "$nightbell" inbox '"Invoice"' type:BROADCAST_MESSAGE --limit 500
like "$out" 'Invoice' "the hostile title is found"
ok "and reaches no terminal" test -z "$(tr -d '\n\t\40-\176\200-\377' <<<"$out")"

# -- templates

for tenant in acme globex; do
    run "$nightbell" templates check --tenant $tenant
    is "$status|$out" '0|4 templates checked, nothing found' "nothing is wrong with the templates of $tenant"
done
order='{"po":{"number":"PO-1042","supplier":"Müller & Söhne","amount":150000.00,"approved_by":"carol","lines":[{"quantity":2,"article":"lathe"}]}}'
for person in ada:default emilie:fr kenji:ja; do
    run "$nightbell" templates preview po_approved --tenant acme --user "${person%:*}" --channel email --context "$order" --json
    is "$(jq -c '[.locale, .missing, .mistyped, (.body | contains("150000.00 EUR")), (.html | contains("Müller &amp; Söhne"))]' <<<"$out")" \
        "[\"${person#*:}\",[],[],true,true]" "an approved order, to ${person%:*} in their language"
done
run "$nightbell" templates preview digest --tenant acme --user emilie --channel email --json \
    --context '{"count":3,"groups":[{"title":"Commandes","count":2,"items":[{"title":"PO-1"},{"title":"PO-2"}]},{"title":"Autres","count":1,"items":[{"title":"x"}]}]}'
is "$(jq -r '.body | gsub("-- \n"; "--\n")' <<<"$out")" "Bonjour emilie,

voici ce qui s'est passé :

Commandes (2)
- PO-1
- PO-2

Autres (1)
- x

--
acme, l'équipe" "a digest"

# -- live

before=$(ask 'SELECT count(*) FROM nightbell.notifications')
run "$nightbell" demo live --steps 21 --every 10
is_status 0 "21 steps of what goes on"
like "$out" 'notified .*raised in' "it says what it does"
said=$out
is "$(ask 'SELECT count(*) FROM nightbell.notifications')" $((before + 12)) "it notifies"
ok "it raises" test "$(ask "SELECT count(*) FROM nightbell.admin_system_events WHERE fingerprint LIKE 'live:%'")" -gt 0
ask "SET session_replication_role = replica; UPDATE nightbell.admin_system_events SET created_at = created_at - interval '1 minute' WHERE fingerprint LIKE 'live:%'"
run "$nightbell" demo live --steps 7 --every 10
# On a slow machine she does it in the first steps already.
like "$said $out" 'carol acknowledged' "a colleague acts"
ok "under her own name" test "$(ask "SELECT count(*) FROM nightbell.event_actions WHERE actor_name = 'carol' AND at > now() - interval '5 minutes'")" -gt 0
"$nightbell" demo live --every 10 >>"$test_dir/live" &
live=$!
ok "it goes on" wait_for 10 grep -q notified "$test_dir/live"
"$nightbell" --quiet local stop && "$nightbell" --quiet local start
: >"$test_dir/live"
ok "also after the server was restarted" wait_for 20 grep -q notified "$test_dir/live"
kill -INT $live
wait $live
is $? 0 "until it is interrupted"
bash -c '"$0" demo live --with-parent --every 10 >"$1" & echo $! >"$2"; until [ -s "$1" ]; do :; done' "$nightbell" "$test_dir/live2" "$test_dir/pid2"
live_ended() { ! kill -0 "$(cat "$test_dir/pid2")" || grep -q '^State:.Z' "/proc/$(cat "$test_dir/pid2")/status"; }
ok "or, when so told, until the program that started it ends" wait_for 10 live_ended

# -- clear

run "$nightbell" demo clear
is_status 0 "clear"
is "$(ask 'SELECT count(*) FROM nightbell.notifications')$(ask 'SELECT count(*) FROM nightbell.admin_system_events')$(ask 'SELECT count(*) FROM nightbell.users')" 000 "takes everything away"
is "$(ask 'SELECT string_agg(name, $$ $$) FROM nightbell.tenants')" initech "but what was not its own"
run "$nightbell" demo clear
is_status 0 "clear again"
run "$nightbell" demo load
is_status 0 "and load again"
"$nightbell" local destroy --yes
ok "tokens go with their cluster" test ! -e "$NIGHTBELL_LOCAL_DIR"
done_testing
