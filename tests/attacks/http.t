#!/bin/bash
# The attacks by the gateway's door: forged, ended and missing tokens read and write nothing, everybody's token against everybody's rows, and
# floods of bad tokens do not reach the database.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/gateway.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
. "${srcdir:-.}/tests/attacks/forged.sh"
gateway_login
psql_do "ALTER ROLE nightbell_gateway SET log_statement = 'all'"
gateway_start --sessions 2
notifications=/v1/me/notifications

# ---- without a token ----
routes=(GET "$notifications" GET "$notifications/unread-count" GET "$notifications/counts?f=is:unread" GET "$notifications/$ada_row" PATCH "$notifications/$ada_row"
    POST "$notifications/$ada_row/read" POST "$notifications/$ada_row/unread" POST "$notifications/$ada_row/archive")
before=$(psql_do "SELECT read_at, archived_at, updated_at FROM nightbell.notifications WHERE id = '$ada_row'")
for ((n = 0; n < ${#routes[@]}; n += 2)); do
    http "${routes[n]}" "${routes[n + 1]}"
    is "$code $(json .detail)" '401 there is no token' "without a token: ${routes[n]} ${routes[n + 1]/$ada_row/ID}"
done
for authorization in 'Basic YWRhOmFkYQ==' 'Bearer' 'Bearer ' 'bearer' 'Token x' "$(token_of ada)" "BearerX $(token_of ada)"; do
    http GET $notifications -H "Authorization: $authorization"
    is "$code" 401 "Authorization: ${authorization:0:20}"
done
http GET "$notifications?token=$(token_of ada)&access_token=$(token_of ada)"
is "$code" 401 'a token in the URL is none'
http GET $notifications -H "Cookie: token=$(token_of ada); access_token=$(token_of ada)"
is "$code" 401 'nor is one in a cookie'

# ---- each forged one ----
tried=0 passed=()
while IFS=$'\t' read -r name _ token; do
    # blanks around a header's value belong to HTTP, and curl reads no line of a megabyte
    case $name in 'a blank in front' | 'a blank behind' | 'a megabyte of one part') continue ;; esac
    printf 'header = "Authorization: Bearer %s"\n' "$(sed 's/[\\"]/\\&/g' <<<"$token")" >"$test_dir/curl.config"
    http GET $notifications -K "$test_dir/curl.config"
    tried=$((tried + 1))
    # 431 and 400: the library does not let it as far as that
    case $code in 401 | 431 | 400) ;; *) passed+=("$name: $code") ;; esac
done <"$test_dir/attempts"
ok 'the list of forged tokens is there' test "$tried" -gt 150
is "${passed[*]}" '' "none of $tried forged tokens is let in"
is "$(psql_do "SELECT read_at, archived_at, updated_at FROM nightbell.notifications WHERE id = '$ada_row'")" "$before" 'and nothing has changed'

# ---- everybody's token against everybody's row ----
for who in bob carol app olga mallory; do
    for path in "$ada_row" "$ada_row/read" "$ada_row/archive" "$ada_row/unread"; do
        method=POST
        [ "$path" != "$ada_row" ] || method=GET
        http_as $who $method "$notifications/$path"
        is "$code" 404 "$who: $method ${path/$ada_row/ada\'s}"
    done
    http_as $who PATCH "$notifications/$ada_row" -H 'Content-Type: application/json' -d '{"read": true, "archived": true}'
    is "$code" 404 "$who: PATCH ada's"
    http_as $who GET "$notifications?limit=100"
    unlike "$body" 'ada-secret' "$who sees none of ada's"
    http_as $who GET "$notifications?filter=id:$ada_row"
    is "$code $(json '.items | length') $(json .counts.total)" '200 0 0' 'nor by a filter'
    http_as $who GET "$notifications/counts?f=ada-secret"
    is "$(json '.counts[0].count')" 0 'nor by counting'
done
http_as mallory GET "$notifications?limit=100"
unlike "$body" 'acme-secret' 'another tenant sees no announcement of this one'
http_as ada GET "$notifications?limit=100"
like "$body" 'ada-secret' 'ada sees hers'
etag=$(header ETag)
cursor=$(http_as ada GET "$notifications?limit=1" && json .page.next)
http_as bob GET "$notifications?limit=100" -H "If-None-Match: $etag"
is "$code" 200 "somebody else's tag says nothing"
http_as bob GET "$notifications?limit=1&cursor=$cursor"
unlike "$body" 'ada-secret' "nor does a cursor lead to somebody else's"
is "$(psql_do "SELECT read_at, archived_at, updated_at FROM nightbell.notifications WHERE id = '$ada_row'")" "$before" 'and nothing has changed'

# ---- SQL in everything ----
for text in "'; DROP TABLE nightbell.users; --" "' OR true --" '$1' '\' '%' '/*filter*/' '"' "type:'x" 'since:$1' "actor:';"; do
    http_as ada GET "$notifications" --get --data-urlencode "filter=$text" --data-urlencode "cursor=" --data-urlencode "limit=5"
    like "$code" '^(200|422)$' "a filter with $text"
done

# ---- tokens that end ----
http GET $notifications -H "Authorization: Bearer $(make_token ada -5)"
is "$code $(json .detail)" '401 the token has expired' 'an ended token'
short=$(make_token ada 2)
http GET $notifications -H "Authorization: Bearer $short"
is "$code" 200 'a token that is about to end'
over() { http GET $notifications -H "Authorization: Bearer $short" && [ "$code" = 401 ]; }
wait_for 10 over
is $? 0 'and ends at its second'
id=$(mint "$(claims_of ada '{"jti": "soon-gone"}')")
http GET $notifications -H "Authorization: Bearer $id"
is "$code" 200 'a token that is not revoked yet'
psql_do "INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('soon-gone', now() + interval '1 hour')" >/dev/null
http GET $notifications -H "Authorization: Bearer $id"
is "$code $(json .detail)" '401 the token has been revoked' 'is refused with the next request'

# ---- floods ----
wrong=$(mint "$(claims_of ada)" '' 'another secret of 32 bytes or even more')
asked() { grep -c 'AS known, c.user_id' "$cluster_dir/server.log"; }
http GET $notifications -H "Authorization: Bearer $wrong"
is "$code" 401 'a bad token'
asked=$(asked)
count=$(for n in $(seq 200); do printf 'url = "%s%s"\nheader = "Authorization: Bearer %s"\noutput = /dev/null\nwrite-out = "%%{http_code}\\n"\nnext\n' "$gateway" "$notifications" "$wrong"; done |
    curl -sS -K - 2>/dev/null | sort | uniq -c | tr -s ' ')
is "$count" ' 200 401' 'two hundred times the same bad token'
ok 'are asked of the database a few times at most' test $(($(asked) - asked)) -le 3
http_as ada GET $notifications
ok 'as good ones are each time' test $(($(asked) - asked)) -ge 2
http GET /readyz
is "$code" 200 'and it serves'
gateway_stop
is "$gateway_status" 0 'it ends well'
done_testing
