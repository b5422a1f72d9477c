#!/bin/bash
# Who the database takes one for: by a token, by a login, a global operator, nobody.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

run person bob "$nightbell" whoami
is_status 0 "by a token"
is "$(head -1 <<<"$out")" bob "the name"
ok "the tenant" grep -qE '^tenant +acme$' <<<"$out"
ok "the roles" grep -qE '^roles +.*operator' <<<"$out"
ok "until when" grep -qE '^identity +by a token, until 20[0-9-]+ [0-9:]+$' <<<"$out"
ok "the id" grep -qE "^id +$BOB\$" <<<"$out"
run person bob "$nightbell" whoami --json
is "$(jq -r '[.user_name, .user_id, .tenant_name, .is_global, .by] | @csv' <<<"$out")" "\"bob\",\"$BOB\",\"acme\",false,\"token\"" "as JSON"
ok "with the token's end" test "$(jq -r '.expires_at | sub("\\.[0-9]+";"") | fromdate' <<<"$out")" -gt "$(date +%s)"
run person olga "$nightbell" whoami --json
is "$(jq -c '[.user_name, .tenant_id, .is_global]' <<<"$out")" '["olga",null,true]' "a global operator"
run "$nightbell" whoami --dsn "host=$cluster_dir dbname=nightbell user=ada"
is_status 0 "by a login that is a person"
ok "it says so" grep -qE '^identity +by the PostgreSQL login, without an end$' <<<"$out"
run "$nightbell" whoami --dsn "$cluster_dsn"
is_status 4 "nobody"
is "$out" '' "shows nothing"
like "$err" 'who you are' "and says why"
done_testing
