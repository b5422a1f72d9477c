#!/bin/bash
# The reader's commands, on a real server.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

ada() { run person ada "$nightbell" "$@"; }
send() { person app "$nightbell" notify --user "$1" --type BROADCAST_MESSAGE --title "$2" --message "text of $2" \
    --data "{\"messageId\": \"$2\"}" "${@:3}"; }
same_but() { jq -c "del($1)"; }

ada inbox
is_status 0 "an empty inbox is no error"
is "$out$err" '' "and nothing is printed in a pipe"

first=$(send "$ADA" first) second=$(send "$ADA" second --urgency high --link https://example.test/2)
other=$(send "$BOB" of-bob)
all=$(person app "$nightbell" announce --type BROADCAST_MESSAGE --title everybody --message text --data '{"messageId": "a"}')

# -- list
ada inbox
is "$(cut -f 1 <<<"$out")" "$all
$second
$first" "newest first, the announcement among them, nobody else's"
is "$(sed -n 2p <<<"$out" | cut -f 3-)" "unread	high	BROADCAST_MESSAGE	-	second" "tab-separated, - where there is nothing"
like "$(sed -n 2p <<<"$out" | cut -f 2)" '^20[0-9-]+T[0-9:.]+Z$' "times are RFC 3339 in a pipe"
ada inbox list --json
is "$(jq -r .title <<<"$out" | paste -sd ' ')" 'everybody second first' "--json: one object a line"
is "$(sed -n 2p <<<"$out" | jq -c '[.id, .status, .is_read, .link, .data.messageId, .is_announcement]')" \
    "[\"$second\",\"unread\",false,\"https://example.test/2\",\"second\",false]" "with the columns' names, and data"
ada inbox list --limit 2
is "$(wc -l <<<"$out")" 2 "--limit"
ada inbox list --before "$second"
is "$(cut -f 1 <<<"$out")" "$first" "--before goes on behind that row"
ada inbox urgency:high
is "$(cut -f 1 <<<"$out")" "$second" "a filter, without the word list"
ada inbox list -urgency:high is:unread
is "$(cut -f 1 <<<"$out")" "$all
$first" "several words, one negated"
ada inbox list '"text of first"'
is "$(cut -f 1 <<<"$out")" "$first" "a phrase"

# -- show
ada inbox show "$second"
like "$out" 'title +second' "show: the title"
like "$out" '"messageId": "second"' "the data"
ada inbox show "$second" --json
is "$(jq -r .status <<<"$out")" unread "showing is not reading"
ada inbox show "$other"
is_status 3 "somebody else's is not there"
like "$err" "^nightbell: $other: no such notification in your inbox: " "says so"

# -- acts
ada inbox read "$first" "$all"
is "$status $out" "0 2 notifications read" "read"
ada inbox read "$first"
is "$status $out" "0 $first: already read" "read again: no error, nothing changed"
ada inbox read "$first" --quiet
is "$status $out" "0 " "--quiet says nothing"
ada inbox unread "$first" --json
is "$out" "{\"id\":\"$first\",\"changed\":true}" "unread, as JSON"
ada inbox count is:unread
is "$out" 2 "count"
ada inbox count --json
is "$out" '{"count":3}' "count as JSON"
ada inbox archive "$first" "$other" "$second"
is_status 1 "one of three is not there: exit code 1"
like "$err" "$other: no such notification" "it is named"
like "$out" '2 notifications archived' "the others are done"
ada inbox is:archived
is "$(wc -l <<<"$out")" 2 "archived ones are under is:archived"
ada inbox
is "$(cut -f 1 <<<"$out")" "$all" "and out of the list"
ada inbox delete "$all"
is_status 0 "delete an announcement for oneself"
ada inbox
is "$out" '' "it is gone"
run person bob "$nightbell" inbox count is:unread
is "$out" 2 "bob has his, and the announcement still unread"
ada inbox delete "$all" --json
is_status 3 "what is deleted is not there"
is "$(tail -n 1 <<<"$err" | jq -r .error.code)" not-found "the error as JSON"

# -- ids from stdin, lines of --json among them; each id once
run person ada "$nightbell" inbox unread - <<<"$first

$first"
is "$status" 0 "ids from standard input"
person ada "$nightbell" inbox list is:archived --json >"$test_dir/rows"
run person ada "$nightbell" inbox delete - <"$test_dir/rows"
is "$status $out" '0 2 notifications deleted' "the lines of list --json are ids too"
run person ada "$nightbell" inbox read - <<<"$first
frob"
is_status 2 "a malformed id on stdin"
like "$err" 'line 2 of the ids: "frob" is not' "is named with its line"

# -- read-all takes what is there, as the filter says
for n in $(seq 250); do printf '{"user":"%s","type":"BROADCAST_MESSAGE","title":"n %d","message":"m","data":{"messageId":"%d"},"urgency":"%s"}\n' \
    "$ADA" "$n" "$n" "$([ $((n % 5)) = 0 ] && echo high || echo normal)"; done |
    person app "$nightbell" notify --file - >"$test_dir/ids"
ada inbox read-all urgency:high
is "$status $out" '0 50 notifications read' "read-all with a filter"
ada inbox read-all --json
is "$out" '{"changed":200}' "read-all of the rest"
ada inbox count is:unread
is "$out" 0 "nothing is left"

# -- cursors walk everything exactly once, whatever the page
walk() {
    local before=() page
    while page=$(person ada "$nightbell" inbox list --limit 37 "${before[@]}" | cut -f 1) && [ -n "$page" ]; do
        printf '%s\n' "$page"
        before=(--before "$(tail -n 1 <<<"$page")")
    done
}
walk >"$test_dir/walked"
is "$(cat "$test_dir/walked")" "$(cut -f 2 "$test_dir/ids" | tac)" "--before walks everything exactly once, newest first"
ada inbox list --limit 1000
is "$(wc -l <<<"$out")" 250 "one long list is the same"
done_testing
