#!/bin/bash
# types: listed by everybody, exported and imported without loss, a bad line told with its number, deleted when out of use.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" "$@"; }
app() { run person app "$nightbell" "$@"; }
types() { psql_do "SELECT count(*) FROM nightbell.notification_types $1"; }

# -- list
run person ada "$nightbell" types
is_status 0 "a client lists the types"
is "$(wc -l <<<"$out")" "$(types '')" "all of them, one a line"
is "$(grep '^SYSTEM_EVENT' <<<"$out")" 'SYSTEM_EVENT	system	critical	in_app,email	admin,worker	A system event needs attention' "tab-separated in a pipe"
run person ada "$nightbell" types list --json
is "$(jq -c 'select(.type == "SESSION_REMINDER") | [.module, .urgency, .ttl, .restricted_to, .unsubscribable, .data_schema.required]' <<<"$out")" \
    '["session","normal","P7D",null,true,["sessionId","startsAt"]]' "JSON has everything"
is "$(cut -d '"' -f 4 <<<"$out" | LC_ALL=C sort -c 2>&1)" '' "by name"

# -- export and import are each other's inverse
admin types export
is_status 0 "export"
printf '%s\n' "$out" >"$test_dir/types"
admin types import "$test_dir/types"
is_status 0 "what was exported can be imported"
is "$(cut -f 3 <<<"$out" | sort -u)" same "and changes nothing"
psql_do "CREATE TABLE before AS SELECT * FROM nightbell.notification_types; DELETE FROM nightbell.notification_types" >/dev/null
admin types import - <"$test_dir/types"
is "$status|$(cut -f 3 <<<"$out" | sort -u)|$(wc -l <<<"$out")" "0|added|$(wc -l <"$test_dir/types")" "into an empty catalogue, from standard input"
# What another program writes comes through a pipe that has a name: <(…) is one.
mkfifo "$test_dir/named"
cat "$test_dir/types" >"$test_dir/named" &
admin types import "$test_dir/named"
is "$status|$(cut -f 3 <<<"$out" | sort -u)|$(wc -l <<<"$out")" "0|same|$(wc -l <"$test_dir/types")" "from a FIFO"
admin types import <(cat "$test_dir/types")
is "$status|$(cut -f 3 <<<"$out" | sort -u)|$(wc -l <<<"$out")" "0|same|$(wc -l <"$test_dir/types")" "from <(…)"
is "$(psql_do "SELECT count(*) FROM (SELECT b::text FROM before b EXCEPT SELECT t::text FROM nightbell.notification_types t) AS d")" 0 "everything is as it was"
admin types export
is "$out" "$(cat "$test_dir/types")" "to the byte"
strange='{"type":"STRANGE_1","module":"mö ✓","description":"\u202eevil\u202c \ud83d\udc32 \"q\" \\ </script>","urgency":"low","data_schema":{"type":"object","required":["a b","\"","\u009b"],"properties":{"a b":{"minimum":-1.50,"maximum":12345678901234567890123.000,"multipleOf":1e-7,"const":1e3},"\"":{"enum":[null,1.0,"\u001b[31m"]}},"examples":[{}],"$comment":"\u0007"},"default_channels":["sms","in_app"],"unsubscribable":false,"restricted_to":[],"ttl":"P1Y2M3DT4H5M6.7S"}'
admin types import - <<<"$strange"
is "$status|$out" "0|1	STRANGE_1	added" "a strange one"
first=$("$pg_bin/psql" -XqAt -c "SELECT md5(t::text) FROM nightbell.notification_types t WHERE type = 'STRANGE_1'")
admin types export
grep STRANGE_1 <<<"$out" >"$test_dir/strange"
unlike "$(cat "$test_dir/strange")" $'[\x01-\x08\x0b-\x1f\x7f]|\xc2\x9b|\xe2\x80\xae' "nothing of it is raw"
psql_do "DELETE FROM nightbell.notification_types WHERE type = 'STRANGE_1'"
admin types import "$test_dir/strange"
is "$status|$(psql_do "SELECT md5(t::text) FROM nightbell.notification_types t WHERE type = 'STRANGE_1'")" "0|$first" "comes back the same"
admin types import - --json <<<'{"type":"STRANGE_1","module":"m","description":"d"}'
is "$out" '{"line":1,"type":"STRANGE_1","change":"changed"}' "what a line leaves out has its default"
is "$(psql_do "SELECT urgency, data_schema, default_channels, unsubscribable, restricted_to, ttl FROM nightbell.notification_types WHERE type = 'STRANGE_1'")" \
    'normal|{"type": "object"}|{in_app}|t||' "all of them"

# -- what an import would change
printf '%s\n' '{"type":"STRANGE_1","module":"other","description":"d","ttl":"P7D"}' '{"type":"STRANGE_2","module":"m","description":"d"}' \
    '{"type":"no"}' "$(head -n 1 "$test_dir/types")" >"$test_dir/planned"
stored() { psql_do "SELECT md5(string_agg(t::text, '' ORDER BY type)) FROM nightbell.notification_types t"; }
was=$(stored)
admin types import --dry-run "$test_dir/planned"
is "$status|$out" "1|1	STRANGE_1	changed	module,ttl
2	STRANGE_2	added	-
4	$(head -n 1 "$test_dir/types" | cut -d '"' -f 4)	same	-
would be: 1 added, 1 changed, 1 the same" "--dry-run names the members that would change"
like "$err" '^nightbell: line 3: .*
nightbell: 1 of 4 lines were refused: nothing was changed' "and what would be refused"
is "$(stored)" "$was" "and changes nothing"
admin types import --dry-run --json - <<<'{"type":"STRANGE_1","module":"other","description":"d"}'
is "$status|$out" '0|{"line":1,"type":"STRANGE_1","change":"changed","members":{"module":{"from":"m","to":"other"}}}' "with the values in JSON"
admin types show STRANGE_1
is "$(jq -r '.type + .module' <<<"$out")" STRANGE_1m "show prints one"
admin types show STRANGE_3
is "$status|$err" '3|nightbell: there is no notification type "STRANGE_3": nightbell types list names them' "show of what is not there"

# -- bad lines
good() { printf '{"type":"GOOD_%s","module":"m","description":"d"}\n' "$1"; }
bad() { printf '{"type":"BAD","module":"m","description":"d",%s}\n' "$1"; }
{
    good 1
    echo '{broken'
    echo
    echo '[]'
    bad '"data_schema":{"properties":{"x":{"minimun":1}}}'
    bad '"data_schema":{"type":"string"}'
    bad '"frob\u001b[31m":1'
    bad '"ttl":"soon"'
    bad '"ttl":"P-1D"'
    bad '"urgency":"very"'
    bad '"default_channels":[]'
    bad '"default_channels":["fax"]'
    bad '"restricted_to":["boss"]'
    bad '"unsubscribable":"yes"'
    bad '"data_schema":true'
    bad '"data_schema":{"properties":{"x":{"pattern":"("}}}'
    echo '{"type":"bad","module":"m","description":"d"}'
    echo '{"type":"BAD","module":"","description":"d"}'
    echo '{"type":"BAD","module":"m"}'
    printf '{"type":"BAD","module":"m","description":"\\u0000"}\n'
    printf '{"type":"BAD","module":"m","description":"a\\nb"}\n'
    printf '{"type":"BAD","module":"m","description":"\xff"}\n'
    printf '{"type":"BAD","module":"m\0"}\n'
    printf '{"type":"BAD","module":"m","description":"%s"}\n' "$(head -c 70000 /dev/zero | tr '\0' x)"
    printf '{"type":"BAD","module":"m","description":"d","data_schema":{"const":%s1%s}}\n' "$(printf '[%.0s' $(seq 20000))" "$(printf ']%.0s' $(seq 20000))"
    printf '{"type":"BAD","module":"m","description":"d","data_schema":{"minimum":1e200000}}\n'
    good 27
} >"$test_dir/bad"
admin types import "$test_dir/bad"
is_status 1 "bad lines: exit code 1"
is "$out" '1	GOOD_1	added
27	GOOD_27	added' "the good ones are in"
is "$(grep -c '^nightbell: line [0-9]*: ' <<<"$err")" 24 "every bad one has its reason"
while IFS='|' read -r line reason; do
    like "$(grep "^nightbell: line $line: " <<<"$err")" "$reason" "line $line: $reason"
done <<'END'
2|the item is no JSON that PostgreSQL takes
4|the item is not a JSON object
5|data_schema of BAD at [$].properties.x: unknown keyword "minimun": Keywords are .*minimum
6|data_schema of BAD at [$].type: expected object
7|unknown member "frob.u001b\[31m"
8|ttl: expected an interval such as P7D
9|ttl: expected a time above 0
10|urgency: expected low, normal, high or critical
11|default_channels: expected a list of in_app
12|default_channels: there is no channel "fax": expected in_app
13|restricted_to: expected null or a list of user
14|unsubscribable: expected true or false
15|data_schema: expected an object
16|[$].properties.x.pattern: the pattern cannot be used
17|type: expected at most 100 of A to Z
18|module: expected 1 to 100 characters
19|description: expected a string
20|the item is no JSON that PostgreSQL takes
21|description: expected 1 to 1000 characters, none of them a control character
22|the line is not valid UTF-8
23|the line contains a NUL byte
24|the line is longer than 65536 bytes
END
like "$(tail -n 1 <<<"$err")" '^nightbell: 24 of 26 lines were refused: correct them and import them again; the others are in$' "and a summary"
is "$(types "WHERE type = 'BAD'")" 0 "nothing of them is stored"
admin types import - --json <<<'{"type":"bad"}'
is "$status $(jq -c '[.line, .error.code]' <<<"$(head -n 1 <<<"$out")")" '1 [1,"invalid"]' "as JSON too"
admin types import "$test_dir/no such file"
is_status 3 "a file that is not there"
admin types import
is_status 2 "no file"

# a thousand at once
for n in $(seq 1000); do good "MANY_$n"; done >"$test_dir/many"
admin types import "$test_dir/many" --quiet
is "$status|$out|$(types "WHERE type LIKE 'GOOD_MANY%'")" '0||1000' "a thousand types"

# what is broken at random is answered line by line too
grep -v '"type" : "\(SYSTEM_EVENT\|TEST_NOTE\|PAYMENT_DUE\)"' "$test_dir/types" | perl -e 'srand 7; my @lines = <STDIN>; for (1 .. 600) {
    my $line = $lines[rand @lines];
    chomp $line;
    for (0 .. rand 3) {
        my $at = int rand length $line;
        my $with = ("\"", "{", "]", ",", "null", "-1", "1e999", "\\u0000", "\\ud800", "\x00", "\xff", "\xc3\xa4", "\\", "[[", "true", "")[rand 16];
        substr($line, $at, int rand 12) = $with;
    }
    print "$line\n";
}' >"$test_dir/broken"
admin types import "$test_dir/broken"
is "$status|$(($(wc -l <<<"$out") + $(grep -c '^nightbell: line ' <<<"$err")))" '1|600' "six hundred lines broken at random, each answered once"
ok "some of them were right still" test "$(wc -l <<<"$out")" -gt 5
is "$( (cut -f 1 <<<"$out"; sed -n 's/^nightbell: line \([0-9]*\): .*/\1/p' <<<"$err") | sort -n | uniq | wc -l)" 600 "by its number"
is "$(psql_do "SELECT count(*) FROM nightbell.notification_types WHERE nightbell.schema_mistake(data_schema) IS NOT NULL")" 0 "and what is in the catalogue is right"

# -- delete
admin types delete GOOD_1
is "$status|$out|$err|$(types "WHERE type = 'GOOD_1'")" '0|GOOD_1 is deleted||0' "delete"
admin types delete GOOD_1
is_status 3 "again: not found"
like "$err" 'nightbell: there is no notification type "GOOD_1": nightbell types list names them' "and says so"
admin types delete "$(printf 'x\033[31m\nDROP')" --json
is "$status $(tail -n 1 <<<"$err" | jq -r .error.code)" '3 not-found' "whatever it is called"
notify ada 'of a type' >/dev/null
admin types delete TEST_NOTE
is_status 1 "one that is in use stays"
like "$err" '^nightbell: the type TEST_NOTE is in use: there are notifications of it: Import it with "restricted_to": \[\]' "and says what to do"
psql_do "SELECT nightbell.announce('$ACME', 'GOOD_27', 't', 'm')" >/dev/null
admin types delete GOOD_27
is_status 1 "announcements count too"

# -- who may
for who in ada app; do
    run person $who "$nightbell" types import "$test_dir/types"
    is_status 4 "$who imports none"
    run person $who "$nightbell" types delete GOOD_27
    is_status 4 "$who deletes none"
done
run person app "$nightbell" types export
is "$status|$(wc -l <<<"$out")" "0|$(types '')" "but reads them"

# -- restricted types, from the command line and through the library as from SQL
app notify --user "$ADA" --type SYSTEM_EVENT --title t --message m --data '{"eventId": 1, "severity": "low"}'
is_status 4 "a producer creates none that are for administrators"
like "$err" 'nightbell: the type SYSTEM_EVENT may be created by the roles admin, worker only: Use another type' "and learns who may"
app notify --file - <<<"{\"user\":\"$ADA\",\"type\":\"SYSTEM_EVENT\",\"title\":\"t\",\"message\":\"m\",\"data\":{\"eventId\":1,\"severity\":\"low\"}}"
is_status 4 "not from a file either"
run person olga "$nightbell" notify --tenant "$ACME" --user "$ADA" --type SYSTEM_EVENT --title t --message m --data '{"eventId": 1, "severity": "low"}'
is_status 0 "an administrator does"

# -- data that does not fit
app notify --user "$ADA" --type PAYMENT_DUE --title t --message m --data '{"paymentId": "p", "amount": "1", "currency": "EUR"}'
is "$status|$err" '1|nightbell: data of PAYMENT_DUE at $.dueAt: expected a string, and it is missing' "the error names type, path and expectation"
app notify --file - <<<"{\"user\":\"$ADA\",\"type\":\"PAYMENT_DUE\",\"title\":\"t\",\"message\":\"m\",\"data\":{\"paymentId\":\"p\",\"amount\":\"1\",\"currency\":\"EUR\",\"dueAt\":\"2026-12-31T10:00:00Z\"}}"
like "$err" 'nightbell: line 1: data of PAYMENT_DUE at [$].amount: expected a number, found a string' "in a file too"

# -- the example of docs/SQL.md works as it is printed
sed -n '/^## Types, and/,/^## The same/p' "$srcdir/docs/SQL.md" | sed -n '/^```sql/,/^```/p' | grep -v '^```' >"$test_dir/example.sql"
psql_do "CREATE ROLE administrator LOGIN IN ROLE nightbell_admin"
run env PGUSER=administrator "$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -At -f "$test_dir/example.sql"
is "$status|$err|$out" '0||data of PARCEL_SENT at $.carrier: expected one of "bike", "van"
1|PARCEL_LOST|added|||
2|||22023|description: expected a string|
t' "the example of the documentation"
for keyword in $(psql_do 'SELECT jsonb_object_keys(nightbell.schema_keywords())'); do
    ok "the documentation has $keyword" grep -qF "\`$keyword\`" "$srcdir/docs/SQL.md"
done
done_testing
