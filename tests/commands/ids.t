#!/bin/bash
# Short ids: the end of a UUID, which lists on a terminal show and which every command with an ID takes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/screen.sh"

cluster_start
as() { person "$@" 2>"$test_dir/err"; }
read_at() { psql_do "SELECT read_at IS NOT NULL FROM nightbell.notifications WHERE id = '$1'"; }
first=$(notify ada 'the first')
second=$(notify ada 'the second')
bobs=$(notify bob 'of bob')
end=${first: -8}
while [[ $end =~ ^[0-9]+$ ]]; do end=${first: -$((${#end} + 1))}; done # as lists show it: not like a number
other=${second: -7}
is "$(as ada "$nightbell" inbox show "$end" | sed -n 's/^title  *//p')" 'the first' "its last eight characters are enough"
is "$(as ada "$nightbell" inbox show "${end^^}" | sed -n 's/^title  *//p')" 'the first' "in capitals too"
as ada "$nightbell" --quiet inbox read "$end" "$other" "$first"
is "$(read_at "$first")$(read_at "$second")" tt "several, and one of them whole, in one command"
is "$(as ada "$nightbell" --json inbox unread "$end" | jq -r .id)" "$first" "JSON names the whole id"
as ada "$nightbell" inbox show "${bobs: -8}" >/dev/null
is $? 3 "another person's is not found"
like "$(cat "$test_dir/err")" "${bobs: -8}: no such notification in your inbox" "and that is said"
as ada "$nightbell" inbox show 12345 >/dev/null
is $? 2 "five characters are too few"
as ada "$nightbell" inbox read nonsense "$end" >/dev/null
is "$?$(read_at "$first")" 2f "what is no id is refused before anything is done"
is "$(printf '%s\n' "$end" "$other" | as ada "$nightbell" --quiet inbox read - && read_at "$first")" t "they may come from standard input"

# -- several ids with the same end
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    SELECT ('019b0000-0000-7000-8' || n || '00-00000abcdef0')::uuid, '$ACME', '$ADA', 'TEST_NOTE', 'twin ' || n, 'm' FROM generate_series(1, 4) n" >/dev/null
as ada "$nightbell" inbox delete abcdef0 >/dev/null
is $? 2 "an end that several have is refused"
like "$(cat "$test_dir/err")" '"abcdef0" may mean several notifications' "which is said"
like "$(cat "$test_dir/err")" '019b0000-0000-7000-8[1-4]00-00000abcdef0 twin [1-4], .* …' "with what they are"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE deleted_at IS NOT NULL")" 0 "and nothing is deleted"

# -- a day later only some of that; announcements; other commands
psql_do "INSERT INTO nightbell.announcements (id, tenant_id, type, title, message)
    VALUES ('019b0000-0000-7000-8900-0000ad0ced01', '$ACME', 'TEST_NOTE', 'to all', 'm')" >/dev/null
is "$(as ada "$nightbell" inbox show ad0ced01 | sed -n 's/^title  *//p')" 'to all' "an announcement's too"
as ada "$nightbell" --quiet inbox archive ad0ced01
is "$(psql_do "SELECT archived_at IS NOT NULL FROM nightbell.receipts WHERE user_id = '$ADA'")" t "and acts on it"
is "$(as ada "$nightbell" --json inbox list --before "$other" | jq -r 'select(.title == "the first") | .id')" "$first" "--before takes one"
as ada "$nightbell" why "$end" >/dev/null
like "$(cat "$test_dir/err")" "nothing was decided|^\$" "why takes one"
as ada "$nightbell" why abcdef0 >/dev/null
like "$(cat "$test_dir/err")" 'may mean several' "and refuses several"
is "$(as ada "$nightbell" completion words -- inbox read "${end:0:3}" | cut -f 1)" "$end" "shells complete it"
is "$(as ada "$nightbell" completion words -- inbox read "${second:0:30}" | cut -f 1 | grep -c "^$second\$")" 1 "and whole ones that were begun"

# -- where lists show it
is "$(as ada "$nightbell" inbox list 'the first' | cut -f 1)" "$first" "a list in a pipe shows whole ids"
screen_start 100x30 env NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file ada)" "$nightbell" inbox list
screen_shows "^ *$end .*the first" "on a terminal short ones"
screen_exit >/dev/null
unlike "$(screen_text)" "$first" "and no whole ones"
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    VALUES ('019b0000-0000-7000-8a00-00a112345678', '$ACME', '$ADA', 'TEST_NOTE', 'digits', 'm')" >/dev/null
screen_start 100x30 env NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file ada)" "$nightbell" inbox list digits
screen_shows "^ *a112345678 .*digits" "more than eight where these look like a number, which why takes for an event's"
screen_exit >/dev/null
done_testing
