#!/bin/bash
# apply and export-config: the configuration as files. All or nothing, with a diff first and errors by file and line.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
# The cluster has two tenants: an administrator names one.
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
folder=$test_dir/folder
mkdir -p "$folder/texts"

# -- what there is goes out, comes back, and changes nothing
admin export-config "$test_dir/out"
is_status 0 "export-config"
like "$out" "^$test_dir/out/types.yaml: [0-9]+" "tells the file and how many documents it has"
like "$(head -4 "$test_dir/out/types.yaml")" '^types:
- type: ADDRESS_CODE
  module: system' "as YAML that a person would write"
admin apply --dry-run "$test_dir/out"
like "$status|$out" '^0\|would be: 0 added, 0 changed, 0 deleted, [0-9]+ the same$' "apply changes nothing"
admin export-config "$test_dir/out"
like "$status|$err" '^1\|nightbell: the folder .* has files: name an empty one, or replace its files with --replace' "a folder with files is not touched"
admin export-config --replace --kind types "$test_dir/out"
is_status 0 "unless that is meant"

# -- a folder by hand: YAML, JSON, a text in a file of its own
cat >"$folder/approvals.yaml" <<'END'
# who buys what
types:
  - type: PO_HELD
    module: purchasing
    description: An order waits # a comment
    urgency: high
    data_schema:
      properties: {amount: {type: number, multipleOf: 0.1}}
templates:
  - template_code: po_held
    variables:
      - {name: po.id, required: yes_it_is}
    texts:
      - channel: email
        subject: "Order {{po.id}}: held"
        body_template_file: texts/held.txt
END
printf 'Dear {{user.name}},\n\n  it waits.  \n' >"$folder/texts/held.txt"
echo '{"types":[{"type":"PO_FREED","module":"purchasing","description":"It goes on"}]}' >"$folder/more.json"
admin apply "$folder"
is "$status|$out|$err" "2||nightbell: approvals.yaml:12: template \"po_held\": variables[0].required: expected true or false
nightbell: documents were refused: nothing was changed; correct them first" "an error names file and line"
admin types show PO_FREED
is_status 3 "and nothing is in, the good ones neither"

sed -i 's/yes_it_is/true/' "$folder/approvals.yaml"
admin apply --dry-run "$folder"
is "$status|$out|$err" "1|types
  + PO_FREED
  + PO_HELD
templates
  + po_held
would be: 3 added, 0 changed, 0 deleted, 29 the same|nightbell: the database differs from the files: nothing was changed; without --dry-run it becomes what they say" \
    "--dry-run shows it, and fails"
admin types show PO_FREED
is_status 3 "without doing it"
admin apply "$folder"
like "$status|$out" '^0\|types
  \+ PO_FREED
  \+ PO_HELD
templates
  \+ po_held
3 added, 0 changed, 0 deleted, 29 the same$' "apply does it"
admin apply --dry-run "$folder"
is_status 0 "after which nothing differs"
admin templates show po_held
is "$(jq -c '.texts[0].body_template' <<<"$out")" '"Dear {{user.name}},\n\n  it waits.  \n"' "the text is that of its file, byte by byte"
admin types show PO_HELD
like "$out" '"multipleOf": ?0\.1[},]' "0.1 is stored as 0.1"

# -- a change is shown member by member
sed -i 's/urgency: high/urgency: low/' "$folder/approvals.yaml"
admin apply "$folder"
is "$status|$out" '0|types
  ~ PO_HELD
      urgency: "high" → "low"
0 added, 1 changed, 0 deleted, 31 the same' "a change"
sed -i 's/urgency: low/urgency: normal/' "$folder/approvals.yaml"
admin --json apply "$folder"
is "$(jq -c . <<<"$out")" '{"kind":"types","key":"PO_HELD","change":"changed","members":{"urgency":{"from":"low","to":"normal"}}}' "as JSON"

# -- somebody changes it by hand: drift
psql_do "UPDATE nightbell.notification_types SET urgency = 'critical' WHERE type = 'PO_HELD'"
admin apply --dry-run "$folder"
like "$status|$out" '^1\|types
  ~ PO_HELD
      urgency: "critical" → "normal"' "drift shows"
admin apply "$folder"
is_status 0 "and is taken back"

# -- prune deletes what an apply brought, and nothing else
rm "$folder/more.json"
admin apply "$folder"
like "$status|$out" '^0\|0 added, 0 changed, 0 deleted' "without --prune nothing is deleted"
admin apply --prune --dry-run "$folder"
like "$status|$out" '^1\|types
  - PO_FREED
would be: 0 added, 0 changed, 1 deleted' "--prune --dry-run shows what would go"
admin apply --prune "$folder"
like "$status|$out" '^0\|types
  - PO_FREED
0 added, 0 changed, 1 deleted' "--prune deletes it"
admin types list
is "$(grep -c '^BILLING' <<<"$out")" 3 "what no apply brought stays"

# -- two repositories of one tenant: each prunes what it brought, and nothing of the other
for owner in ours theirs; do
    mkdir "$test_dir/$owner"
    printf 'owner: %s\ntypes:\n- {type: OWNED_%s, module: m, description: d}\n- {type: OWNED_SHARED, module: m, description: d}\n' $owner "${owner^^}" >"$test_dir/$owner/types.yaml"
    admin apply --prune "$test_dir/$owner"
done
owned() { psql_do "SELECT string_agg(type, ' ' ORDER BY type) FROM nightbell.notification_types WHERE type LIKE 'OWNED%'"; }
is "$(owned)" 'OWNED_OURS OWNED_SHARED OWNED_THEIRS' "two folders with an owner each delete nothing of each other's"
printf 'owner: ours\n' >"$test_dir/ours/types.yaml"
admin apply --prune "$folder"
is "$(owned)" 'OWNED_OURS OWNED_SHARED OWNED_THEIRS' "nor does one without"
admin apply --prune "$test_dir/ours"
is "$(owned)" 'OWNED_SHARED OWNED_THEIRS' "each deletes its own, and what another brought since is that one's"
printf 'owner: [x]\n' >"$test_dir/ours/types.yaml"
admin apply "$test_dir/ours"
is "$status|$(head -1 <<<"$err")" '2|nightbell: types.yaml:1: owner: expected a name of at most 100 bytes' "an owner is a name"
printf 'owner: a\n' >"$test_dir/ours/types.yaml"; printf 'types: []\nowner: b\n' >"$test_dir/ours/z.yaml"
admin apply "$test_dir/ours"
is "$status|$(head -1 <<<"$err")" '2|nightbell: z.yaml:2: the owner of another file is "a"' "and a folder has one"

# -- one that cannot be deleted keeps everything as it was
psql_do "SELECT nightbell.notify((SELECT id FROM nightbell.tenants WHERE name = 'acme'),
    (SELECT id FROM nightbell.users WHERE name = 'ada'), 'PO_HELD', 't', 'm', '{\"amount\": 1}')" >/dev/null
cp "$folder/approvals.yaml" "$test_dir/kept.yaml"
printf 'types:\n- {type: PO_NEW, module: m, description: d}\n' >"$folder/approvals.yaml"
admin apply --prune "$folder"
like "$status|$err" '^1\|nightbell: the type PO_HELD is in use' "a type in use is not pruned"
admin types show PO_NEW
is_status 3 "and nothing of that apply is in"
cp "$test_dir/kept.yaml" "$folder/approvals.yaml"

# -- all mistakes in the files are reported at once
printf 'types:\n- type: A1\n  type: A2\n' >"$folder/1.yaml"
printf 'typos: []\ntypes: {a: b}\ntemplates:\n- just text\n- {template_code: 12}\n' >"$folder/2.yml"
printf 'types:\n- {type: PO_HELD, module: m, description: d}\n- type: X1\n  description_file: ../outside\n- type: X2\n  description_file: none.txt\n- type: X3\n  description_file: texts/link.txt\n- type: X4\n  description_file: away/secret.txt\n' >"$folder/3.yaml"
printf secret >"$test_dir/secret.txt"
ln -s "$test_dir/secret.txt" "$folder/texts/link.txt"
ln -s "$test_dir" "$folder/away"
printf '{"types": [}' >"$folder/4.json"
ln -s approvals.yaml "$folder/5.yaml"
printf 'types: [\xff]' >"$folder/6.yaml"
mkdir "$folder/sub"; printf 'a: *b\n' >"$folder/sub/7.yaml"
printf 'nothing to see' >"$folder/.hidden.yaml"
mkfifo "$folder/8.yaml"
admin apply "$folder"
is_status 2 "a folder with mistakes"
for expected in '1.yaml:3: the key "type" stands here twice, first in line 2' \
    '2.yml:1: there is no kind "typos": expected one of types, ' \
    '2.yml:2: expected a list of documents' '2.yml:4: expected a template: a mapping of its members' \
    '2.yml:5: template_code: expected a string' \
    'approvals.yaml:3: the notification type "PO_HELD" stands in 3.yaml as well' \
    '3.yaml:4: expected the path of a file beside this one, without ..' '3.yaml:6: none.txt: No such file' \
    '3.yaml:8: texts/link.txt: a symbolic link is not read' '3.yaml:10: away/secret.txt: a symbolic link is not read' \
    '4.json: ' '5.yaml: a symbolic link is not read' '6.yaml: not valid UTF-8' '8.yaml is not a regular file' \
    'sub/7.yaml:1: aliases (*name) are not read here'; do
    case $err in *"$expected"*) pass "$expected" ;; *) fail "$expected"; diag "$err" ;; esac
done
case $err in *hidden*) fail "hidden files are passed over" ;; *) pass "hidden files are passed over" ;; esac
admin apply "$test_dir/nowhere"
is_status 3 "a folder that is not there"

# -- hostile values survive the round trip
rm -r "$folder"; mkdir "$folder"
python3 - "$folder/all.json" <<'END'
import json, sys
texts = ["no", "~", "null", "12", "1e3", "0x1f", "- a", "a: b", "# c", "&a", "*a", "!t", "%", "@", "`", "'", '"', "\\", " lead", "trail ", "a\nb",
         "a\n\n  b \n\n", "\n", "\ttab", "a\r\nb", "é漢😀", "\u202eevil", "\u0085next", "\ufeffbom", "a\u2028b", "{{x}}", "[1]", "{a}", "|", ">-", "---", "...", "1.5",
         "2026-11-30", "12:30", "<<", "=", "true", "x" * 5000]
json.dump({"templates": [{"template_code": "hostile", "texts": [
    {"channel": "sms", "locale": chr(97 + i // 26) + chr(97 + i % 26), "body_template": t.replace("{{", "((")} for i, t in enumerate(texts)]}]}, open(sys.argv[1], "w"))
END
admin apply "$folder"
is_status 0 "hostile values are applied"
admin templates show hostile
before=$out
admin export-config --kind templates "$test_dir/hostile"
admin templates delete hostile
admin apply "$test_dir/hostile"
is_status 0 "what was exported as YAML is applied"
admin templates show hostile
is "$out" "$before" "and is the same to the byte"

# -- what recurs is worked out at once, by the command
cat >"$folder/windows.yaml" <<'END'
windows:
  - window: nightly
    behaviour: notices
    reason: backups
    starts: 2026-01-01T01:00
    ends: 2026-01-01T02:00
    rrule: FREQ=DAILY
    until: 2030-01-01T00:00
END
admin apply "$folder"
is_status 0 "a window that recurs"
is "$(psql_do "SELECT count(*) > 5 FROM nightbell.window_spans")" t "has its spans"

# -- the example of the documentation
admin apply "$srcdir/examples/config"
like "$status|$out" '^0\|.* 0 deleted' "examples/config applies as it stands" || diag "$err"
admin templates check order_to_approve
is_status 0 "and its template is one that templates check finds nothing wrong with"
admin apply --dry-run "$srcdir/examples/config"
is_status 0 "and is then what the database says"
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
published=$(psql_do "SELECT nightbell.publish('$ACME', 'po_approved', 'purchasing', '{\"po\": \"4711\", \"amount\": 150000, \"created_by\": \"ada\"}')")
run "$nightbell" --quiet --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once
like "$(psql_do "SELECT string_agg(concat_ws(' ', code, rule_id, channel), ', ' ORDER BY code, rule_id, channel) FROM nightbell.decisions WHERE app_event = $published")" \
    '^in_app large-orders in_app, .*in_app who-ordered in_app, matched large-orders, matched who-ordered, queued large-orders email' "and tells whom it means"

# -- people who may not
run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TENANT=acme "$nightbell" apply "$test_dir/hostile"
is_status 4 "a client may not apply"
run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TENANT=acme "$nightbell" export-config "$test_dir/denied"
is "$status|$(ls "$test_dir/denied" 2>&1 | grep -c yaml)" '4|0' "who may not export it all leaves no half of it"
done_testing
