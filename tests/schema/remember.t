#!/bin/bash
# Remembering a token and revoking it at the same time, in either order and in every isolation level: it never lives on, and
# nobody can keep it alive.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
cluster_start

# A session of its own, whose transaction stays open until session_end; what it printed is in $test_dir/session.
session_begin() {
    mkfifo "$test_dir/pipe"
    "$pg_bin/psql" -XqAt <"$test_dir/pipe" >"$test_dir/session" 2>&1 &
    session=$!
    exec 8>"$test_dir/pipe"
    printf '%s;\n' "$@" 'SELECT $$open$$' >&8
    wait_for 10 grep -q '^open$' "$test_dir/session"
}
session_end() {
    echo "$1;" >&8
    exec 8>&-
    wait $session
    rm "$test_dir/pipe"
}
# ada's, with an id that it can be revoked by
mint() {
    psql_do "SELECT t || '.' || replace(rtrim(translate(encode(nightbell.keyed_hash(convert_to(t, 'UTF8'), k.secret, 'sha256'), 'base64'), '+/', '-_'), '='), E'\n', '')
        FROM nightbell.signing_keys k, LATERAL (SELECT string_agg(replace(rtrim(translate(encode(convert_to(p, 'UTF8'), 'base64'), '+/', '-_'), '='), E'\n', ''), '.' ORDER BY n)
             FROM unnest(ARRAY['{\"alg\":\"HS256\",\"kid\":\"tests\"}', jsonb_build_object('sub', '$ADA', 'tenant', '$ACME', 'aud', 'nightbell',
             'jti', '$1', 'exp', extract(epoch FROM now())::bigint + 600)::text]) WITH ORDINALITY AS u (p, n)) AS s (t) WHERE k.kid = 'tests'"
}
revoke() { echo "INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('$1', now() + interval '1 day')"; }
known() { psql_do "SELECT set_config('nightbell.token', '$1', false) = ''; SELECT known, coalesce(reason, '') FROM nightbell.whoami()" | tail -1; }
remembered() { psql_do "SELECT nightbell.remember_token('$1')"; }

token=$(mint one)
is "$(remembered "$token")" t "remembered"
session_begin BEGIN "$(revoke one)"
is "$(known "$token")" "t|" "a revocation that is not committed yet changes nothing"
other=$(mint other)
is "$(remembered "$other")" t "nor keeps others from being remembered"
is "$(known "$other")" "t|" "and known"
session_end COMMIT
is "$(known "$token")" "f|the token has been revoked" "committed: it ends at once"
is "$(remembered "$token")" f "and is not remembered again"

for level in 'READ COMMITTED' 'REPEATABLE READ' SERIALIZABLE; do
    token=$(mint "$level")
    session_begin "BEGIN ISOLATION LEVEL $level" 'SELECT 1' # has its snapshot
    is "$(remembered "$token")" t "$level: remembered after the transaction's snapshot"
    echo "$(revoke "$level");" >&8
    session_end COMMIT
    is "$(known "$token")" "f|the token has been revoked" "and revoked all the same"
done

# a session that keeps its transaction open, as somebody would whose token is about to be revoked
token=$(mint both)
session_begin BEGIN "SELECT nightbell.remember_token('$token')" "SELECT pg_advisory_lock_shared(hashtextextended('nightbell.verified_tokens', 0))" 'SELECT known FROM nightbell.whoami()'
ok "nobody who revokes waits for who remembers" env PGOPTIONS='-c statement_timeout=5s' "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$(revoke both)"
ok "nor who changes a key" env PGOPTIONS='-c statement_timeout=5s' "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 \
    -c "UPDATE nightbell.signing_keys SET audience = 'other'" -c "UPDATE nightbell.signing_keys SET audience = 'nightbell'"
session_end COMMIT
is "$(known "$token")" "f|the token has been revoked" "and it ends all the same"
is "$(remembered "$other")" t "what was remembered of the key as it was is remembered anew"
is "$(known "$other")" "t|" "and known"

token=$(mint key)
remembered "$token" >"$test_dir/quiet"
session_begin BEGIN "UPDATE nightbell.signing_keys SET retired_at = statement_timestamp()"
is "$(known "$token")" "t|" "a key whose retirement is not committed yet"
session_end COMMIT
like "$(known "$token")" '^f\|the token is signed with a key that is not accepted' "committed: all its tokens end"
psql_do "UPDATE nightbell.signing_keys SET retired_at = NULL"

export PGOPTIONS="-c default_transaction_read_only=on"
token=$(PGOPTIONS= mint reading)
is "$(remembered "$token")" f "where nothing can be written nothing is remembered"
is "$(known "$token")" "t|" "and verifies"
done_testing
