#!/bin/bash
# The examples of examples/ as an application runs them, each as the same login: what is rolled back was never sent, what is
# committed is stored once.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/node.sh"

cluster_start
export PGHOST PGDATABASE
psql -XqAt -v ON_ERROR_STOP=1 -f "$srcdir/examples/shop.sql" || bail_out "shop.sql does not apply"

# A Python that has psycopg 3: Debian's, where another one comes first in the path.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        "$candidate" -c 'import psycopg' 2>/dev/null && echo "$candidate" && return
    done
    return 1
}
# What each example must have said and done, whatever the language.
check_example() {
    local language=$1 booked notified
    shift
    PGUSER=shop run "$@"
    is_status 0 "$language: runs"
    [ -z "$err" ] || diag "$err"
    like "$out" "committed [0-9a-f-]{36}" "$language: commits"
    like "$out" "rolled back: " "$language: rolls back"
    like "$out" 'not notified: P0002 .*there is no notification type "NO_SUCH_TYPE"' "$language: a savepoint keeps the booking"
    like "$out" "again 2 1" "$language: sent twice, one id"
    like "$out" 'refused: 22023 .*\$' "$language: data that the type refuses, with its SQLSTATE and path"
    like "$out" "batch 10 10" "$language: a batch"
    like "$out" "item [0-9]+: 22023 the title is empty" "$language: a stream reports each item for itself"
    booked=$(psql_do "SELECT string_agg(id, ' ' ORDER BY id) FROM shop.booking WHERE id LIKE '$language-%'")
    is "$booked" "$language-1 $language-4" "$language: what was committed is booked, and nothing else"
    notified=$(psql_do "SELECT string_agg(title, ', ' ORDER BY title) FROM nightbell.notifications WHERE title LIKE '% $language-%'")
    is "$notified" "Your booking $language-1, Your booking $language-6" "$language: who was told: once each"
    is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE dedup_key LIKE '$language reminder %'")" 10 "$language: the batch is stored once, the bad item not"
    is "$(psql_do "SELECT count(*) || ' ' || max(occurrences) FROM nightbell.admin_system_events WHERE fingerprint = '$language export'")" '1 2' "$language: one event, twice"
}

python=$(find_python) || bail_out "no Python with psycopg 3: install python3-psycopg (./bootstrap check does)"
check_example python "$python" "$srcdir/examples/python/produce.py" "$ACME" "$ADA"
check_example psql psql -X -v tenant="$ACME" -v customer="$ADA" -f "$srcdir/examples/psql/produce.sql"
if why=$(node_packages "$srcdir/examples/node" node); then
    check_example node node "$builddir/tests/node/produce.mjs" "$ACME" "$ADA"
elif [ -n "${CI:-}" ]; then
    fail "pg could not be installed with npm" "$why"
else
    echo "ok $((tap_count += 1)) # SKIP pg could not be installed with npm: $(tail -1 <<<"$why")"
fi

# The lock file is exact, and says nothing of where anybody's packages come from.
is "$(jq -r '.packages[""].dependencies.pg' "$srcdir/examples/node/package-lock.json")" "$(jq -r .dependencies.pg "$srcdir/examples/node/package.json")" \
    "the lock file is of this package.json"
is "$(jq '[.packages[] | select(has("resolved"))] | length' "$srcdir/examples/node/package-lock.json")" 0 "it names no registry"

# The reader finds the same in the inbox, by the same rules.
is "$(person ada "$nightbell" inbox count 'type:SESSION_REMINDER' | tr -dc 0-9)" "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE type = 'SESSION_REMINDER'")" \
    "ada has them in her inbox"
# A login that may not produce is told so.
psql_do "DELETE FROM shop.booking WHERE id LIKE 'python-%'"
psql_do 'CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA shop TO stranger; GRANT INSERT ON shop.booking TO stranger'
PGUSER=stranger run "$python" "$srcdir/examples/python/produce.py" "$ACME" "$ADA"
is_status 1 "a login that may not produce"
like "$err" 'permission denied' "is told so"
is "$(psql_do "SELECT count(*) FROM shop.booking WHERE id LIKE 'python-%'")" 0 "and its booking was rolled back"
done_testing
