#!/bin/bash
# `nightbell endpoints`: kept by administrators as documents, added, confirmed and rotated by those whose they are; what addresses and labels say is
# somebody else's text, which breaks neither a terminal nor a statement.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "SELECT nightbell.register_channels('{chat,lobby}', '{program,program}', '{t,f}')" >/dev/null
admin() { run env NIGHTBELL_TENANT=acme "$nightbell" --dsn "$cluster_admin_dsn" endpoints "$@"; }
mine() { run person "$1" "$nightbell" endpoints "${@:2}"; }
code_of() { psql_do "SELECT d.payload ->> 'code' FROM nightbell.deliveries d JOIN nightbell.endpoints e ON e.code_delivery = d.id WHERE e.id = '$1'"; }
one=00000000-0000-4000-9000-000000000001 two=00000000-0000-4000-9000-000000000002
document() { jq -nc --arg id "${1:-$one}" --arg user ada --arg channel webhook --arg address https://hooks.example/1 --argjson more "${2:-"{}"}" '{$id, $user, $channel, $address} + $more'; }

# -- documents
document >"$test_dir/documents"
admin import "$test_dir/documents"
is_status 0 'imported'
admin list
is "$out" "$one	ada	webhook	https://hooks.example/1	-	yes	no" 'listed'
admin
is "$(wc -l <<<"$out")" 1 'the group alone lists'
admin import - --dry-run <<<"$(document $one '{"label": "desk"}')"
is "$(head -1 <<<"$out")" "1	$one	changed	label" 'what would change is told'
is "$(psql_do "SELECT label FROM nightbell.endpoints")" '' 'and is not done'
admin export
is "$(jq -Sc . <<<"$out")" "$(document | jq -Sc '. + {label: null, verified: true, disabled: false}')" 'an export is what was imported'
"$nightbell" --dsn "$cluster_admin_dsn" --tenant acme endpoints export >"$test_dir/exported"
admin import "$test_dir/exported"
like "$out" $'^1\t.*\tsame$' 'and changes nothing'
while IFS='|' read -r more problem; do
    admin import - <<<"$(document $two "$more")"
    is_status 1 "refused: $more"
    like "$err" "$problem" 'and why'
done <<'END'
{"address": "ftp://hooks.example/"}|address: expected a URL such as https://example\.org/hook
{"address": "https://user:password@hooks.example/"}|without a name and password in it
{"address": "https://hooks.example/\u0000"}|.
{"address": "https://hooks.example/\r\nHost: inside"}|address: expected 1 to 2048 bytes, no control characters
{"channel": "email", "address": "a@b.example"}|channel: what goes by email goes to the person's own address
{"channel": "lobby", "address": "x"}|channel: all that goes by lobby goes to one place
{"channel": "fax", "address": "x"}|channel: there is no channel "fax"
{"channel": "'; DROP TABLE nightbell.endpoints; --", "address": "x"}|channel: there is no channel "'; DROP TABLE
{"user": "nobody"}|user: .
{"label": "\u001b[31m"}|label: expected 1 to 100 characters, no control characters
{"label": ""}|label: expected 1 to 100
{"id": "1"}|id: expected a UUID
{"secret": "x"}|secret
{"address": "https://hooks.example/1"}|the endpoint 00000000-0000-4000-9000-000000000001 has it
END
is "$(psql_do "SELECT count(*) FROM nightbell.endpoints")" 1 'none of these is in'

# -- hostile, and allowed
hostile='$(touch /tmp/x) ; "'"'"' -- \ %s 你好 ‮evil'
admin import - <<<"$(document $two "$(jq -nc --arg text "$hostile" '{channel: "chat", address: $text, label: ($text | .[:100])}')")"
is_status 0 'a program may take any text for an address'
is "$(psql_do "SELECT address = label, address = \$\$$hostile\$\$ FROM nightbell.endpoints WHERE id = '$two'")" 't|t' 'and gets it as it is'
admin list
unlike "$out" '‮' 'a list shows no characters that turn the line around'
like "$out" 'touch /tmp/x' 'and the rest of it'
admin show $two
unlike "$out" '‮' 'nor does show'
admin export
is "$(jq -r "select(.id == \"$two\").address" <<<"$out")" "$hostile" 'an export has every character'
admin delete "$two' OR true --"
is_status 3 'an id is not a piece of SQL'
admin delete $two
is_status 0 'deleted'
admin delete $two
is_status 3 'once'

# -- one's own
mine bob mine
is "$status$out" 0 'nobody has any at first'
mine bob add chat '#bob' --label 'my room'
is_status 0 'added'
id=$out
like "$id" '^[0-9a-f-]{36}$' 'with an id'
mine bob mine
is "$out" "$id	chat	#bob	my room	to be confirmed	-" 'it waits to be confirmed'
mine bob confirm "$id" 'abc; DROP'
is_status 1 'a wrong code'
like "$err" 'that is not the code: nightbell endpoints code' 'is told'
mine bob code "$id"
like "$err" 'a code was sent there just now: Wait a minute' 'another code, not at once'
mine carol confirm "$id" "$(code_of "$id")"
is_status 3 "another's is not there"
mine bob confirm "$id" "$(code_of "$id")"
is_status 0 'the code'
mine bob mine --json
is "$(jq -c '[.channel, .address, (.verified_at != null), .secret_version, .former_until]' <<<"$out")" '["chat","#bob",true,1,null]' 'confirms it'
mine bob add chat '#bob'
is_status 1 'an address once'
mine bob add chat $'#bob\nx'
is_status 1 'no control characters'
mine bob add email bob@example.org
like "$err" "what goes by email goes to the person's own address" 'a channel without endpoints'
mine bob add chat "$hostile"
is_status 0 'one may call a room what one likes'
mine bob mine
unlike "$out" '‮' 'and a list is still a list'
mine bob remove "$out"
isnt "$status" 0 'what is no id removes nothing'

# -- rotation
mine bob rotate "$id"
like "$out" "^$id: version 2 of its secret signs, and until 20[0-9-]+ [0-9:]+ version 1 beside it\$" 'the new version, and until when the former one holds'
mine bob rotate "$id" --keep 2h --json
is "$(jq -c '[.id, .secret_version, .former_version]' <<<"$out")" "[\"$id\",3,2]" 'as JSON'
is "$(psql_do "SELECT '$(jq -r .former_until <<<"$out")'::timestamptz = former_until, former_until BETWEEN now() + interval '119 minutes' AND now() + interval '2 hours' FROM nightbell.endpoints WHERE id = '$id'")" 't|t' 'to the moment'
mine bob rotate "$id" --keep 0
like "$out" "^$id: version 4 of its secret signs, and no other\$" 'and no longer'
mine bob mine --json
is "$(jq -c "select(.id == \"$id\") | [.secret_version, .former_until]" <<<"$out")" '[4,null]' 'which mine shows'
mine bob rotate "$id" --keep 31d
is_status 1 'at most thirty days'
like "$err" 'expected a time from 0 to 30 days' 'which it says'
mine bob rotate "$id" --keep long
is_status 2 'a time it must be'
mine carol rotate "$id"
is_status 3 "another's is not rotated"
run env NIGHTBELL_TENANT=acme "$nightbell" --dsn "$cluster_admin_dsn" endpoints rotate "$id" --user bob
like "$out" "^$id: version 5" 'but by an administrator'
admin add webhook https://hooks.example/bob --user bob
is_status 0 'who adds one for somebody, too'
unlike "$err" 'a code was sent' 'without a code'
mine bob remove "$id"
mine bob mine
is "$(cut -f 2,5 <<<"$out" | sort)" 'chat	to be confirmed
webhook	sends' 'and takes away what is not wanted any more'
done_testing
