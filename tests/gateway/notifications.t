#!/bin/bash
# One's own notifications over HTTP: pages that miss and double nothing, exact counts, tags that save an answer that is known, and acts
# that may be repeated.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/gateway.sh"
cluster_start
gateway_login
gateway_start
notifications=/v1/me/notifications

http_as ada GET $notifications
is "$code $(json '.items | length') $(json .page.next) $(json .page.prev)" '200 0 null null' 'an inbox that is empty is an empty page'
is "$(json '.counts | tojson')" '{"unread":0,"total":0,"total_capped":false}' 'with its counts'

# ---- pages ----
psql_do "UPDATE nightbell.tenants SET settings = '{\"rate_limit\": 0}'" >/dev/null
as_app <<<"SELECT count(nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'title ' || i, 'message ' || i)) FROM generate_series(1, 45) i" >/dev/null
theirs=$(notify bob "for bob alone")
http_as ada GET "$notifications"
is "$code $(json '.items | length')" '200 20' 'a page is of 20'
is "$(json '.items[0].title') $(json '.items[0].message') $(json '.items[0].status') $(json '.items[0].is_read')" 'title 45 message 45 unread false' 'the newest first'
is "$(json '.counts | tojson')" '{"unread":45,"total":45,"total_capped":false}' 'with exact counts'
expected=$(person ada "$nightbell" inbox --json --limit 100 | jq -r .id)
is "$(json '.items[].id')" "$(head -20 <<<"$expected")" 'the same rows as the command lists'
members() { jq -rc 'keys_unsorted - ["data"] | join(" ")'; }
is "$(json '.items[0] | tojson' | members)" "$(person ada "$nightbell" inbox --json --limit 1 | members)" 'with the same members'

walk() { # walk FIRST_PATH MEMBER: the ids of all pages
    local path=$1 cursor
    while :; do
        http_as ada GET "$path"
        [ "$code" = 200 ] || { echo "answered $code"; return; }
        json '.items[].id'
        cursor=$(json ".page.$2")
        [ "$cursor" != null ] || return
        path="$notifications?limit=7&cursor=$cursor"
    done
}
is "$(walk "$notifications?limit=7" next)" "$expected" 'the cursors lead through all pages, each row once'
http_as ada GET "$notifications?limit=45"
is "$(json .page.next)" null 'a page that ends with the last row leads nowhere'
http_as ada GET "$notifications?limit=7"
first=$(json '.items[].id')
next=$(json .page.next)
http_as ada GET "$notifications?limit=7&cursor=$next"
http_as ada GET "$notifications?limit=7&cursor=$(json .page.prev)"
is "$(json '.items[].id')" "$first" 'and back again'
is "$(json .page.prev)" null 'to the first, before which there is none'
like "$headers" 'Link: <\?limit=7&cursor=[A-Za-z0-9_-]+>; rel="next"' 'the links are in the header, too'
notify ada 'while paging' >/dev/null
http_as ada GET "$notifications?limit=7&cursor=$next"
is "$(json '.items[0].id')" "$(sed -n 8p <<<"$expected")" 'what comes meanwhile moves no page'

# ---- filters ----
http_as ada GET "$notifications?filter=%22title%2044%22"
is "$(json '.items[].title') $(json .counts.total) $(json .counts.unread)" 'title 44 1 46' 'the filter language of the console'
http_as ada GET "$notifications?limit=3&filter=is:unread"
like "$headers" 'Link: <\?limit=3&cursor=[A-Za-z0-9_-]+&filter=is%3Aunread>; rel="next"' 'a link carries the filter'
cursor=$(json .page.next)
http_as ada GET "$notifications?limit=3&cursor=$cursor"
is "$code $(json .type)" '400 /problems/bad-request' 'a cursor of another filter is refused'
for cursor in x '' "$(printf 'o00000000x' | base64)" %00 %ff; do
    http_as ada GET "$notifications?cursor=$cursor"
    [ -n "$cursor" ] && expected_code=400 || expected_code=200
    is "$code" $expected_code "the cursor \"$cursor\""
done
http_as ada GET "$notifications?filter=is:nothing"
is "$code $(json .type) $(json .column)" '422 /problems/invalid 4' 'a filter with a mistake says where'
like "$(json .hint)" 'unread' 'and what there is'
for limit in 0 101 -1 x 1x ' 1' $'\n1' +1 99999999999999999999; do
    http_as ada GET "$notifications?limit=$(jq -rn --arg l "$limit" '$l | @uri')"
    is "$code $(json .detail)" '400 limit: expected a number from 1 to 100' "a limit of \"$limit\""
done

# ---- tags ----
http_as ada GET "$notifications?limit=5"
etag=$(header ETag)
like "$etag" '^W/"[A-Za-z0-9_-]+"$' 'a page has a weak tag'
http_as ada GET "$notifications?limit=5" -H "If-None-Match: $etag"
is "$code [$body]" '304 []' 'who has it gets no page'
is "$(header ETag)" "$etag" 'but the tag'
http_as ada GET "$notifications?limit=5" -H "If-None-Match: \"other\", $etag"
is "$code" 304 'among others, too'
notify bob 'not for ada' >/dev/null
http_as ada GET "$notifications?limit=5" -H "If-None-Match: $etag"
is "$code" 304 "what is not one's own changes it not"
for sql in "UPDATE nightbell.notifications SET read_at = now() WHERE user_id = '$ADA' AND title = 'title 1'" \
    "UPDATE nightbell.notifications SET expires_at = created_at + interval '1 microsecond' WHERE user_id = '$ADA' AND title = 'title 2'" \
    "DELETE FROM nightbell.notifications WHERE user_id = '$ADA' AND title = 'title 3'"; do
    psql_do "$sql" >/dev/null
    http_as ada GET "$notifications?limit=5" -H "If-None-Match: $etag"
    is "$code" 200 "a page is not the same after ${sql%% WHERE*}, which its rows do not show"
    etag=$(header ETag)
done

# ---- counts ----
http_as ada GET $notifications/unread-count
is "$code $body" '200 {"count":43}' 'the count of what is unread'
http_as ada GET "$notifications/counts?f=is:unread&f=is:read&f=%22title%2044%22&f="
is "$(json '[.counts[].count] | tojson') $(json '.counts[0].filter')" '[43,1,1,44] is:unread' 'many counts at once'
http_as ada GET $notifications/counts
is "$code" 400 'no filter is no question'
http_as ada GET "$notifications/counts?$(printf 'f=is:unread&%.0s' $(seq 17))"
is "$code" 400 'nor are 17'

# ---- acts ----
id=$(head -1 <<<"$expected")
http_as ada GET "$notifications/$id"
is "$code $(json .item.title) $(json .counts.unread)" '200 title 45 43' 'one of them'
http_as ada POST "$notifications/$id/read"
is "$code $(json .item.status) $(json .counts.unread)" '200 read 42' 'is read, and counted'
again=$(json '.item | tojson')
http_as ada POST "$notifications/$id/read"
is "$(json '.item | tojson') $(json .counts.unread)" "$again 42" 'again is the same answer'
http_as ada POST "$notifications/$id/unread"
is "$(json .item.status) $(json .item.read_at) $(json .counts.unread)" 'unread null 43' 'unread again'
http_as ada POST "$notifications/$id/archive"
is "$(json .item.status) $(json .counts.unread) $(json .counts.total)" 'archived 42 43' 'archived'
http_as ada PATCH "$notifications/$id" -H 'Content-Type: application/json' -d '{"read": true, "archived": false}'
is "$code $(json .item.status) $(json .item.archived_at) $(json .counts.total)" '200 read null 44' 'both at once'
is "$(psql_do "SELECT read_at IS NOT NULL, archived_at IS NULL FROM nightbell.notifications WHERE id = '$id'")" 't|t' 'and so it stands in the database'
for patch in '{}' '{"read": "yes"}' '{"read": true, "title": "x"}' '[]' '{"read": true' '{"read": true, "read": false}' 'null' "$(printf '[%.0s' $(seq 500))"; do
    http_as ada PATCH "$notifications/$id" -H 'Content-Type: application/json' -d "$patch"
    is "$code" 422 "no change: ${patch:0:40}"
done
http_as ada PATCH "$notifications/$id" -H 'Content-Type: text/plain' -d '{"read": false}'
is "$code" 400 'nor is text that is not said to be JSON'
is "$(psql_do "SELECT read_at IS NOT NULL FROM nightbell.notifications WHERE id = '$id'")" t 'and nothing has changed'

# ---- others' ----
http_as ada GET "$notifications/$theirs"
other=$(json 'del(.request_id) | tojson')
http_as ada GET "$notifications/00000000-0000-7000-8000-000000000000"
is "$code $(json 'del(.request_id) | tojson')" "404 $other" "somebody else's is as if it were not there"
for path in "$theirs/read" "$theirs/archive"; do
    http_as ada POST "$notifications/$path"
    is "$code" 404 "POST $path"
done
is "$(psql_do "SELECT read_at, archived_at FROM nightbell.notifications WHERE id = '$theirs'")" '|' 'and stays as it is'
http_as ada GET "$notifications/no-id"
is "$code" 404 'what is no id is not there either'
http_as app GET $notifications
is "$code $(json '.items | length')" '200 0' 'who only produces reads nothing back'

# ---- announcements have receipts ----
as_app <<<"SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'to all', 'a message')" >/dev/null
http_as ada GET "$notifications?limit=1"
is "$(json '.items[0].title') $(json '.items[0].is_announcement')" 'to all true' 'an announcement is in the page'
all=$(json '.items[0].id')
http_as ada POST "$notifications/$all/read"
is "$code $(json .item.status)" '200 read' 'and can be read'
http_as bob GET "$notifications/$all"
is "$(json .item.status)" unread 'by each for themselves'
gateway_stop
is "$gateway_status" 0 'it ends well'
done_testing
