#!/bin/bash
# docs/schema: what editors complete and check by is what apply takes. Every document of the demonstration and of the examples
# fits; each kind's schema knows the members that an export has; and of good and bad documents schema and import judge alike.
. "${srcdir:-.}/tests/lib/tap.sh"

python=$(command -v /usr/bin/python3 || command -v python3)
"$python" -c 'import jsonschema, yaml' 2>/dev/null || bail_out "no jsonschema and yaml for $python: install python3-jsonschema and python3-yaml (./bootstrap check does)"
schemas=$srcdir/docs/schema
judge() { "$python" "$srcdir/tests/commands/config_schemas.py" "$1" "$schemas" "$2"; }

export NIGHTBELL_LOCAL_DIR=$test_dir/local XDG_RUNTIME_DIR=$test_dir/runtime NIGHTBELL_TENANT=acme
mkdir -m 0700 "$XDG_RUNTIME_DIR"
end() { "$nightbell" local destroy --yes >/dev/null 2>&1; }
at_exit end
"$nightbell" --quiet local start && "$nightbell" --quiet demo load || bail_out "no demonstration"
dsn=$("$nightbell" local status --json | jq -r .dsn)
export NIGHTBELL_DSN=${dsn/nightbell_console/nightbell_administrator}

# -- what there is
printf '%s\n' '{"id":"00000000-0000-4000-9000-000000000001","user":"ada","platform":"ios","token":"text"}' | "$nightbell" --quiet devices import -
printf '%s\n' '{"address":"gone@acme.example","reason":"bounced"}' | "$nightbell" --quiet addresses import -
printf '%s\n' '{"id":"00000000-0000-4000-9000-000000000001","user":"ada","channel":"webhook","address":"https://hooks.example/ada"}' | "$nightbell" --quiet endpoints import -
kinds=$(printf '%s\n' types users groups devices endpoints addresses templates episodes windows heartbeats rules)
echo 'nonsense: []' >"$test_dir/unknown.yaml"
mkdir "$test_dir/unknown" && mv "$test_dir/unknown.yaml" "$test_dir/unknown"
run "$nightbell" apply "$test_dir/unknown"
is "$(grep -o 'expected one of.*' <<<"$err" | head -1 | sed 's/expected one of //' | tr -d ' ' | tr , '\n' | sort)" "$(sort <<<"$kinds")" "these are all kinds"
is "$(jq -r '.properties | keys[] | select(. != "owner")' "$schemas/nightbell.json" | sort)" "$(sort <<<"$kinds")" "and nightbell.json knows them"
for kind in $kinds; do
    "$nightbell" "$kind" export | jq -c "{kind: \"$kind\", document: .}" >"$test_dir/documents"
    ok "$kind: there are some" test -s "$test_dir/documents"
    is "$(judge lines "$test_dir/documents" | sort -u)" ok "$kind: every one fits its schema"
    is "$(jq -sr '[.[].document | keys[]] | unique | join(" ")' "$test_dir/documents")" "$(judge members "$kind")" "$kind: which has the same members"
done
run "$nightbell" export-config "$test_dir/folder"
is_status 0 "the demonstration as files"
for file in "$test_dir"/folder/*.yaml "$srcdir"/examples/config/*.yaml; do
    is "$(judge file "$file")" ok "${file##*/} fits"
done

# -- what editors bind by survives
sed -i '1i # yaml-language-server: $schema=/usr/share/nightbell/docs/schema/nightbell.json' "$test_dir/folder/rules.yaml"
run "$nightbell" apply --dry-run "$test_dir/folder"
is_status 0 "the comment that binds a file to its schema is one"
is "$(head -1 "$test_dir/folder/rules.yaml" | cut -c 1-22)" '# yaml-language-server' "and stays"

# -- documents of which both say the same: + good, - bad
texts='[{"channel":"*","body_template":""}]'
window='"window":"w","behaviour":"notices","starts":"2030-01-01T22:00","ends":"2030-01-01T23:00","reason":"r"'
rule='"rule_id":"r","event_type":"po_*","notification_type":"PO_APPROVED"'
user='"id":"00000000-0000-4000-9000-000000000002"'
while read -r verdict kind document; do
    [ -n "$verdict" ] && jq -cn --arg v "$verdict" --arg k "$kind" --argjson d "$document" '{verdict: $v, kind: $k, document: $d}'
done >"$test_dir/judged" <<END
+ types {"type":"T_1","module":"m","description":"d"}
+ types {"type":"T_1","module":"m","description":"d","ttl":"P7D","restricted_to":null}
- types {"type":"lower","module":"m","description":"d"}
- types {"type":"T_1","module":"m"}
- types {"type":"T_1","module":"","description":"d"}
- types {"type":"T_1","module":"m","description":"d","urgency":"urgent"}
- types {"type":"T_1","module":"m","description":"d","default_channels":[]}
- types {"type":"T_1","module":"m","description":"d","default_channels":["Fax"]}
- types {"type":"T_1","module":"m","description":"d","data_schema":[]}
- types {"type":"T_1","module":"m","description":"d","restricted_to":["god"]}
- types {"type":"T_1","module":"m","description":"d","colour":"red"}
+ users {$user,"name":"zoe"}
+ users {$user,"name":"zoe","email":"z@e","phone":"+37120000000","locale":"pt-BR","time_zone":null,"roles":[]}
- users {"id":"7","name":"zoe"}
- users {$user}
- users {$user,"name":" zoe"}
- users {$user,"name":""}
- users {$user,"name":"zoe","email":"nowhere"}
- users {$user,"name":"zoe","phone":"0037120000000"}
- users {$user,"name":"zoe","locale":"english please"}
- users {$user,"name":"zoe","roles":["god"]}
- users {$user,"name":"zoe","roles":"user"}
- users {$user,"name":"zoe","boss":true}
+ groups {"group":"g"}
+ groups {"group":"g","members":["ada"]}
- groups {"group":""}
- groups {"members":[]}
- groups {"group":"g","members":"ada"}
- groups {"group":"g","members":[7]}
+ devices {$user,"user":"ada","platform":"web","token":"t"}
- devices {$user,"user":"ada","platform":"fax","token":"t"}
- devices {$user,"user":"ada","platform":"web","token":""}
- devices {$user,"user":"ada","platform":"web","token":"t","disabled":"no"}
+ endpoints {$user,"user":"ada","channel":"webhook","address":"https://hooks.example/x"}
+ endpoints {$user,"user":"ada","channel":"webhook","address":"https://hooks.example/x","label":"l","verified":false,"disabled":null}
- endpoints {$user,"user":"ada","channel":"email","address":"ada@acme.example"}
- endpoints {$user,"user":"ada","channel":"Web","address":"https://hooks.example/x"}
- endpoints {$user,"user":"ada","channel":"webhook","address":""}
- endpoints {$user,"user":"ada","channel":"webhook","address":"https://hooks.example/x","label":""}
- endpoints {$user,"user":"ada","channel":"webhook","address":"https://hooks.example/x","secret":"s"}
- endpoints {$user,"user":"ada","channel":"webhook"}
+ addresses {"address":"+37120000000"}
+ addresses {"address":"https://hooks.example/x","reason":"410"}
- addresses {"address":"nowhere"}
- addresses {"address":"a@b","reason":7}
+ templates {"template_code":"t","texts":$texts}
+ templates {"template_code":"t","variables":[{"name":"a.b","type":"number","default":1}],"texts":[{"channel":"email","locale":"pt-BR","subject":"s","body_template":"b","html_template":"h","cc":["a@b"]}]}
- templates {"template_code":"t"}
- templates {"template_code":"t","texts":[]}
- templates {"template_code":"a b","texts":$texts}
- templates {"template_code":"t","texts":[{"channel":"Fax","body_template":""}]}
- templates {"template_code":"t","texts":[{"channel":"sms"}]}
- templates {"template_code":"t","texts":[{"channel":"sms","body_template":"","html_template":"h"}]}
- templates {"template_code":"t","texts":[{"channel":"sms","body_template":"","cc":["a@b"]}]}
- templates {"template_code":"t","texts":[{"channel":"sms","body_template":"","locale":"english"}]}
- templates {"template_code":"t","variables":[{"name":"a..b"}],"texts":$texts}
- templates {"template_code":"t","variables":[{"name":"a","type":"number","default":"1"}],"texts":$texts}
- templates {"template_code":"t","variables":[{"name":"a","default":1}],"texts":$texts}
- templates {"template_code":"t","variables":[{"name":"a","required":"yes"}],"texts":$texts}
+ episodes {"event_type":"job_*"}
+ episodes {"event_type":"job_*","stale_after":"PT5M","flap_changes":3,"flap_within":"PT10M"}
- episodes {"event_type":"a*b"}
- episodes {"event_type":"job_*","stale_after":"5 minutes"}
- episodes {"event_type":"job_*","flap_changes":2}
- episodes {"event_type":"job_*","flap_changes":"3"}
+ windows {$window}
+ windows {$window,"rrule":"FREQ=WEEKLY;BYDAY=SU","until":"2030-06-01T00:00","severity":["low"],"time_zone":"Europe/Riga"}
- windows {$window,"rrule":"FREQ=WEEKLY;BYDAY=SU"}
- windows {$window,"rrule":"FREQ=SECONDLY","until":"2030-06-01T00:00"}
- windows {$window,"severity":[]}
- windows {$window,"source":"a*b"}
- windows {$window,"behaviour":"none"}
- windows {$window,"starts":"tomorrow"}
- windows {"window":"w"}
+ heartbeats {"heartbeat":"h","every":"PT10M"}
+ heartbeats {"heartbeat":"h","starts":"2030-01-01T06:00","rrule":"FREQ=DAILY","grace":"PT1H"}
- heartbeats {"heartbeat":"h"}
- heartbeats {"heartbeat":"Upper","every":"PT10M"}
- heartbeats {"heartbeat":"h","every":"PT10M","rrule":"FREQ=DAILY","starts":"2030-01-01T06:00"}
- heartbeats {"heartbeat":"h","rrule":"FREQ=DAILY"}
- heartbeats {"heartbeat":"h","every":"PT10M","severity":"bad"}
+ rules {$rule,"recipient_type":"tenant"}
+ rules {$rule,"recipient_type":"dynamic_field","recipient_value":"$.po.created_by","channel":"email","condition_expr":"$.amount > 1"}
- rules {$rule,"recipient_type":"user"}
- rules {$rule,"recipient_type":"user","recipient_value":""}
- rules {$rule,"recipient_type":"role","recipient_value":"god"}
- rules {$rule,"recipient_type":"all"}
- rules {$rule,"recipient_type":"tenant","channel":[]}
- rules {$rule,"recipient_type":"tenant","channel":["Fax"]}
- rules {$rule,"recipient_type":"tenant","urgency":"urgent"}
- rules {$rule,"recipient_type":"tenant","is_active":"yes"}
- rules {$rule,"recipient_type":"tenant","event_type":"po *"}
- rules {$rule,"recipient_type":"tenant","module":""}
- rules {$rule,"recipient_type":"tenant","who":"ada"}
- rules {"rule_id":"r"}
END
ok "the list is whole" test "$(wc -l <"$test_dir/judged")" -gt 75
judge lines "$test_dir/judged" >"$test_dir/by_schema"
# each by itself, since the same name stands many times
while IFS= read -r line; do
    if jq -c .document <<<"$line" | "$nightbell" --quiet "$(jq -r .kind <<<"$line")" import --dry-run - >/dev/null 2>"$test_dir/why"; then echo ok; else head -1 "$test_dir/why"; fi
done <"$test_dir/judged" >"$test_dir/by_import"
disagree() { # WHO FILE: what it judges otherwise
    command paste -d '\t' <(jq -r '.verdict' "$test_dir/judged") "$2" <(jq -c '[.kind, .document]' "$test_dir/judged") |
        awk -F '\t' '($1 == "+") != ($2 == "ok")'
}
is "$(disagree schema "$test_dir/by_schema")" '' "the schemas judge as written"
is "$(disagree import "$test_dir/by_import")" '' "the import judges the same"
done_testing
