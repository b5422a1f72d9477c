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
is "$(ask 'SELECT count(*) FROM nightbell.notification_types t WHERE t.type <> $$ADDRESS_CODE$$ AND NOT EXISTS
    (SELECT FROM nightbell.notifications n WHERE n.type = t.type)')" 0 "of all types, but the codes that confirm an address"
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
    is "$status|$out" "0|$([ $tenant = acme ] && echo 5 || echo 4) templates checked, nothing found" "nothing is wrong with the templates of $tenant"
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

# -- the engine: rules, preferences, windows and heartbeats are there, and say nothing before something happens

is "$(ask 'SELECT count(*) FROM nightbell.outbox')$(ask 'SELECT count(*) FROM nightbell.decisions')" 00 "nothing is published yet"
run "$nightbell" rules list --tenant acme
is "$(cut -f 1 <<<"$out" | command paste -sd ' ')" 'order-buyer order-hook order-large order-on-call page-critical page-heartbeats page-uplink' "rules"
run "$nightbell" heartbeats list --tenant acme --json
is "$(jq -r '[.heartbeat, .state] | join(" ")' <<<"$out" | sort | command paste -sd ,)" 'monthly-invoices up,nightly-backup late,shop paused' "heartbeats: one is late, one is healthy"
is "$(ask "SELECT count(*) FROM nightbell.window_holding('acace000-0000-4000-8000-000000000001', 'link_down', 'uplink-monitor', 'high', '{}', now())")" 1 "a maintenance window holds"

# -- live

run "$nightbell" demo live --steps 1 --every 10
like "$out" "nothing is sent: there are other tenants than the demonstration's" "where somebody else's deliveries could wait, nothing is sent"
ok "and nothing is written" test ! -e "$NIGHTBELL_LOCAL_DIR/demo"
ask "DELETE FROM nightbell.tenants WHERE name = 'initech'"
# what an earlier version has loaded
ask "DROP TABLE nightbell_demo.sending; DROP FUNCTION nightbell_demo.live_begins(boolean, text), nightbell_demo.live_receipts(), nightbell_demo.publish_order(text, text, text, int);
    DELETE FROM nightbell.rules WHERE rule_id IN ('order-on-call', 'order-hook'); DELETE FROM nightbell.devices; DELETE FROM nightbell.endpoints;
    DELETE FROM nightbell.alert_thresholds a USING nightbell.users u WHERE u.id = a.user_id AND u.name = 'olga'; DELETE FROM nightbell.templates WHERE code = 'order_large';
    UPDATE nightbell.users SET email = 'olga@acme.example' WHERE name = 'olga';
    CREATE FUNCTION nightbell_demo.live_begins(begins boolean) RETURNS void LANGUAGE sql AS ''"
run "$nightbell" demo live --steps 40 --every 10
is_status 0 "four rounds of what goes on, also where an earlier version has loaded the demonstration"
like "$out" "what is sent becomes files in $NIGHTBELL_LOCAL_DIR/demo/sent" "it says where to"
like "$out" 'notified .*raised in' "it says what it does"
said=$out
is "$(grep -c '^notified' <<<"$out") $(grep -c '^published' <<<"$out")" '16 4' "people are notified, orders published"
ok "it raises" test "$(ask "SELECT count(*) FROM nightbell.admin_system_events WHERE fingerprint LIKE 'live:%'")" -gt 0
is "$(ask 'SELECT count(*) FROM nightbell.outbox WHERE processed_at IS NULL')" 0 "the engine has worked on all of it"
order=$(grep -om 1 'app:[0-9]*' <<<"$out")
run "$nightbell" why "$order"
is_status 0 "why answers for an order"
like "$out" 'order-large' "naming the rules"
is "$(ask "SELECT count(*) FROM nightbell.deliveries d JOIN nightbell.admin_system_events e ON e.id::text = d.payload ->> 'eventId' WHERE e.event_type = 'link_down'")" 0 "the uplink that flaps under the window calls nobody"
ok "and why says so" test "$(ask "SELECT count(*) FROM nightbell.decisions WHERE code = 'window'")" -gt 0
# each buyer in their own way
for buyer in ada emilie kenji fatima; do
    psql -XqAt -v ON_ERROR_STOP=1 "${dsn/nightbell_console/nightbell_administrator}" -c "SELECT nightbell.publish('acace000-0000-4000-8000-000000000001', 'po_approved', 'purchasing',
        '{\"poId\": \"PO-$buyer\", \"po\": {\"number\": \"PO-$buyer\", \"amount\": 150000, \"supplier\": \"s\", \"created_by\": \"$buyer\"}}')" >/dev/null
done
run "$nightbell" demo live --steps 1 --every 10
told() { ask "SELECT string_agg(DISTINCT d.code, ' ') FROM nightbell.decisions d JOIN nightbell.outbox o ON o.id = d.app_event JOIN nightbell.users u ON u.id = d.user_id
    WHERE d.code <> 'sent' AND o.context ->> 'poId' = 'PO-$1' AND u.name = '$2'"; }
is "$(told ada ada)" 'in_app queued' "ada hears of her order, and gets a mail"
is "$(told emilie emilie)" 'in_app quiet_hours' "emilie's mail waits: her hours are quiet"
is "$(told kenji kenji)" 'held_for_digest in_app' "kenji's waits for his digest"
is "$(told fatima fatima)" 'opted_out' "fatima wants to hear of none"
is "$(told ada bob)|$(told ada carol)" 'below_threshold|in_app queued' "of the operators, who said no limit"
is "$(ask "SELECT string_agg(n.title, ',' ORDER BY n.title COLLATE \"C\") FROM nightbell.notifications n JOIN nightbell.users u ON u.id = n.user_id WHERE n.title LIKE '%PO-' || u.name || '%'")" \
    'Commande PO-emilie approuvée,Order PO-ada approved,注文 PO-kenji 承認済み' "each in their language"
# the shop's heartbeat goes silent, and comes back
silent() { ask "UPDATE nightbell.heartbeats SET is_active = true WHERE heartbeat_id = 'shop'; UPDATE nightbell.heartbeat_instances SET state = 'up', expected_at = now() - interval '1 minute', due_at = now() - interval '1 minute' WHERE heartbeat_id = 'shop'"; }
silent
run "$nightbell" demo live --steps 1 --every 10
said+=$out
is "$(ask "SELECT state FROM nightbell.heartbeat_instances WHERE heartbeat_id = 'shop'")|$(ask "SELECT count(*) FROM nightbell.admin_system_events WHERE event_type = 'heartbeat_missed' AND NOT is_resolved")" 'down|1' "a heartbeat that is silent is an event"
run "$nightbell" demo live --steps 10 --every 10
said+=$out
is "$(ask "SELECT state FROM nightbell.heartbeat_instances WHERE heartbeat_id = 'shop'")|$(ask "SELECT count(*) FROM nightbell.admin_system_events WHERE event_type = 'heartbeat_missed' AND NOT is_resolved")" 'up|0' "until it comes back"
is "$(ask "SELECT is_active FROM nightbell.heartbeats WHERE heartbeat_id = 'shop'")" f "and is expected only while somebody sends it"
ask "SET session_replication_role = replica; UPDATE nightbell.admin_system_events SET created_at = created_at - interval '1 minute' WHERE fingerprint LIKE 'live:%'"
run "$nightbell" demo live --steps 10 --every 10
# On a slow machine she does it in the first steps already.
like "$said $out" 'carol acknowledged' "a colleague acts"
ok "under her own name" test "$(ask "SELECT count(*) FROM nightbell.event_actions WHERE actor_name = 'carol' AND at > now() - interval '5 minutes'")" -gt 0

# -- what is sent

is "$(stat -c %a "$NIGHTBELL_LOCAL_DIR/demo" "$NIGHTBELL_LOCAL_DIR/demo/sent" "$NIGHTBELL_LOCAL_DIR/demo/channels.conf" | sort -u | command paste -sd ' ')" '600 700' "what it sends is nobody else's to read"
sent() { ls "$NIGHTBELL_LOCAL_DIR/demo/sent/$1"/*."$2" 2>/dev/null; }
is_there() { [ "$(ask "SELECT EXISTS ($1)")" = t ]; }
"$nightbell" demo live --every 100 >>"$test_dir/live" 2>&1 &
live=$!
files_are_there() { sent email eml && sent sms txt && sent push json && sent webhook json; } >/dev/null
ok "mails, SMS, pushes and webhooks become files" wait_for 60 files_are_there
# shellcheck disable=SC2046
is "$(python3 -c 'import email, sys; from email import policy
print({email.message_from_binary_file(open(f, "rb"), policy=policy.default)["From"].addresses[0].addr_spec for f in sys.argv[1:]})' $(sent email eml))" "{'notifications@acme.example'}" "which another program reads"
ok "they arrive, and are opened" wait_for 60 is_there "SELECT FROM nightbell.deliveries WHERE status = 'read' AND channel = 'email'"
ok "some only at the second try" wait_for 60 is_there "SELECT FROM nightbell.attempts a JOIN nightbell.deliveries d ON d.tenant_id = a.tenant_id AND d.id = a.delivery_id
    WHERE a.outcome = 'retry' AND a.error ~ 'greylisted|too many' AND d.status IN ('sent', 'delivered', 'read')"
ok "a push that no device takes becomes an SMS" wait_for 60 is_there "SELECT FROM nightbell.deliveries p JOIN nightbell.deliveries s ON s.tenant_id = p.tenant_id AND s.fallback_of = p.id
    WHERE p.channel = 'push' AND p.status = 'failed' AND p.error LIKE '410 %' AND s.channel = 'sms' AND s.status IN ('sent', 'delivered')"
olgas_are_dead() { [ "$(as bob "$nightbell" deliveries count 'is:dead user:olga')" -gt 0 ]; }
ok "olga's mails are dead letters" wait_for 60 olgas_are_dead
run as bob "$nightbell" deliveries list 'is:dead user:olga' --limit 1
like "$out" 'there is no domain acme.exmaple: is it spelt right' "which say why"
olgas_file() { sent email eml | xargs grep -l '^To: olga@acme.example'; }
is "$(olgas_file)" '' "none of them has arrived"
"$nightbell" users show olga --tenant acme --json | sed s/exmaple/example/ | "$nightbell" users import - --tenant acme >/dev/null
run as bob "$nightbell" deliveries retry-all user:olga
is_status 0 "repaired, and sent again"
olgas_are_gone() { [ "$(as bob "$nightbell" deliveries count 'is:dead user:olga')" = 0 ] && [ -n "$(olgas_file)" ]; }
ok "they arrive" wait_for 60 olgas_are_gone
ok "a file is named by its delivery, not by an address" test -z "$(ls "$NIGHTBELL_LOCAL_DIR"/demo/sent/*/ | grep '[@+]')"
run as bob "$nightbell" inbox '"becomes files"' --json
is "$(jq -r .message <<<"$out" | sed -n 2p)" "$NIGHTBELL_LOCAL_DIR/demo/sent" "bob reads where they are"
kill -INT $live
wait $live
is $? 0 "interrupted, it ends with its worker"
is "$(pgrep -cf "worker --name demonstration --channels $NIGHTBELL_LOCAL_DIR/")" 0 "of which nothing is left"

"$nightbell" demo live --every 10 >"$test_dir/live" &
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

ask "INSERT INTO nightbell.tenants (id, name) VALUES (gen_random_uuid(), 'initech')"

run "$nightbell" demo clear
is_status 0 "clear"
is "$(ask 'SELECT count(*) FROM nightbell.notifications')$(ask 'SELECT count(*) FROM nightbell.admin_system_events')$(ask 'SELECT count(*) FROM nightbell.users')" 000 "takes everything away"
is "$(ask "SELECT string_agg(c.relname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '%seen%'
        AND (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM nightbell.%I WHERE tenant_id IS NOT NULL AND tenant_id <> (SELECT id FROM nightbell.tenants)', c.relname), false, true, '')))[1]::text <> '0'")" '' "from every table"
is "$(ask 'SELECT string_agg(name, $$ $$) FROM nightbell.tenants')" initech "but what was not its own"
run "$nightbell" demo clear
is_status 0 "clear again"
run "$nightbell" demo load
is_status 0 "and load again"
"$nightbell" local destroy --yes
ok "tokens go with their cluster" test ! -e "$NIGHTBELL_LOCAL_DIR"
done_testing
