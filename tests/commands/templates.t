#!/bin/bash
# templates: imported and exported without loss, refused where they are no Mustache, previewed as the worker renders, checked.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
# The cluster has two tenants: an administrator names one.
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
psql_do "UPDATE nightbell.users SET locale = 'pt_BR' WHERE name = 'ada'"

# -- import, list, show, export, delete
cat >"$test_dir/first" <<'END'
{"template_code":"po_approved","description":"An order was approved","variables":[{"name":"po.id","required":true},{"name":"po.amount","type":"number"},{"name":"note","default":"none"}],"texts":[{"channel":"email","subject":"Order {{po.id}}","body_template":"Dear {{user.name}},\n\n{{po.id}}: {{po.amount}} ({{note}})\n{{> footer}}\n","html_template":"<p>{{user.name}}: {{po.id}}</p>","cc":["{{user.email}}"]},{"channel":"email","locale":"pt","subject":"Pedido {{po.id}}","body_template":"{{user.name}}: {{po.amount}}"},{"channel":"sms","body_template":"{{po.id}} approved"},{"channel":"sms","locale":"pt","body_template":"{{po.id}} aprovado"}]}
{"template_code":"footer","texts":[{"channel":"*","body_template":"-- nightbell"}]}
END
admin templates import "$test_dir/first"
is "$status|$out|$err" '0|1	po_approved	added
2	footer	added|' "import"
admin templates
is "$out" 'footer	*	default	-
po_approved	email,sms	default,pt	An order was approved' "list: code, channels, locales, description"
admin templates export
printf '%s\n' "$out" >"$test_dir/exported"
admin templates import "$test_dir/exported"
is "$status|$(cut -f 3 <<<"$out" | sort -u)" '0|same' "what was exported is the same"
admin templates show po_approved
is "$(jq -c '.texts | map(.channel + " " + .locale)' <<<"$out")" '["email default","email pt","sms default","sms pt"]' "show"
admin templates list --json
is "$out" "$(cat "$test_dir/exported")" "as JSON"

# -- what is no Mustache does not get in
admin templates import - <<'END'
{"template_code":"bad","texts":[{"channel":"sms","body_template":"fine"},{"channel":"sms","locale":"de","body_template":"one\n  {{#two}}"}]}
{"template_code":"bad","texts":[{"channel":"fax","body_template":"fine"}]}
{"template_code":"good","texts":[{"channel":"sms","body_template":"fine"}]}
END
is "$status|$out" '1|3	good	added' "a bad template keeps no good one out"
like "$err" '^nightbell: line 1: texts\[1\].body_template \(sms, de\): 2:3: the section "two" is not closed' "with text, line and column"
like "$err" 'nightbell: line 2: texts\[0\].channel: expected in_app, email' "what the database refuses too"
admin templates delete good
is "$status|$out" '0|good is deleted' "delete"
admin templates delete good
is_status 3 "again: not found"

# -- preview
admin templates preview po_approved --context '{"po":{"id":"<PO-7>","amount":150000.00}}' --user ada --channel email --locale en
is "$status|$out" '0|channel: email
locale: default
version: 1
subject: Order <PO-7>
cc: ada@acme.example

Dear ada,

<PO-7>: 150000.00 (none)
-- nightbell

html:
<p>ada: &lt;PO-7&gt;</p>' "preview: every digit of a number, the default of a variable, a partial, HTML escaped"
admin templates preview po_approved --context '{"po":{"amount":"many"}}' --user "$ADA" --json
is "$(jq -c '[.channel, .locale, .subject, .body, .missing, .mistyped]' <<<"$out")" '["email","pt","Pedido ","ada: many",["po.id"],["po.amount"]]
["sms","pt",null," aprovado",["po.id"],["po.amount"]]' "in the language of the person, every channel; what is missing and mistyped"
admin templates preview po_approved --channel sms --context '{"po":{"id":"1"}}'
is "$out" 'channel: sms
locale: default
version: 1

1 approved' "without a person in the default language"
admin templates preview footer
like "$out" '^channel: in_app
.*-- nightbell$' "a template for all channels"
admin templates preview po_approved --channel push
is "$status|$err" '3|nightbell: the template po_approved has no text for push' "no text for the channel"
psql_do "SELECT nightbell.register_channels('{chat}', '{program}', '{t}')" >/dev/null
admin templates import - <<<'{"template_code": "own_channel", "texts": [{"channel": "chat", "body_template": "for the room"}, {"channel": "sms", "body_template": "for the telephone"}]}'
admin templates preview own_channel
is "$(grep -E '^(channel|for)' <<<"$out" | sort)" "channel: chat
channel: sms
for the room
for the telephone" "a channel of the installation's own is previewed like any other"
admin templates delete own_channel
admin templates preview nothing
is_status 3 "no such template"
admin templates preview po_approved --user nobody
is "$status|$err" '3|nightbell: there is no person "nobody"' "no such person"
admin templates preview po_approved --context '{"a":}'
is_status 2 "a context that is no JSON"
admin templates preview po_approved --context '[1]'
like "$status|$err" '^1\|nightbell: the context is a JSON array; it must be an object' "or no object"
admin templates preview po_approved --context '{"po":{"id":"\u001b[31m\u202e","amount":1}}' --channel email
unlike "$out" $'[\x01-\x09\x0b-\x1f\x7f]|\xe2\x80\xae' "hostile values are harmless on a terminal"
like "$(psql_do 'SELECT count(*) FROM nightbell.notifications')" '^0$' "nothing is sent"

# -- versions
sed 's/}} approved"/}} approved!"/' "$test_dir/first" | admin templates import - --quiet
admin templates preview po_approved --channel sms --json
is "$(jq -c '[.version, .body]' <<<"$out")" '[2," approved!"]' "a change is a version"

# -- check
admin templates check
is "$status|$out|$err" '0|2 templates checked, nothing found|' "nothing to find"
psql_do "SELECT count(*) FROM nightbell.import_templates('$ACME', ARRAY[
    '{\"template_code\":\"z\",\"texts\":[{\"channel\":\"sms\",\"body_template\":\"a\\n{{#b}}\"},{\"channel\":\"push\",\"locale\":\"de\",\"body_template\":\"{{x}}{{> y}}\"}]}'])" >"$test_dir/imported"
admin templates check
is "$status|$out" '1|z	undeclared	texts[0].body_template (push, de)	1:1: the variable "x" is not declared
z	partial	texts[0].body_template (push, de)	1:6: there is no template "y"
z	syntax	texts[1].body_template (sms, default)	2:1: the section "b" is not closed
z	locale	push	there is no text in default
z	locale	sms	there is no text in de' "check: what psql let in, undeclared, unknown, missing"
is "$err" 'nightbell: 5 problems in 3 templates' "and how much it is"
admin templates check --json z
is "$(head -n 5 <<<"$out" | jq -r .problem | sort | paste -sd ' ')" 'locale locale partial syntax undeclared' "as JSON, one template"
admin templates check po_approved
is "$status|$out" '0|1 template checked, nothing found' "the others are in order"
admin templates check nothing
is_status 3 "one that is not there"

# -- people who may, and people who may not
for command in 'list' 'export' 'show footer' 'preview footer' 'check' 'delete footer' "import $test_dir/first"; do
    run person bob "$nightbell" templates $command
    is_status 4 "an operator: templates $command"
done
run person olga "$nightbell" --tenant acme templates list
is "$status|$(wc -l <<<"$out")" '0|3' "an administrator's token lists them"
run person olga "$nightbell" --tenant globex templates list
is "$status|$out" '0|' "of each tenant its own"
done_testing
