# pgtap.sh FILE.sql - runs one pgTAP script of tests/schema in a cluster of its own, as superuser.
# The ids of the people are psql variables too: :'ADA', :'ACME' …
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/cluster.sh"
cluster_start
psql_do 'CREATE SCHEMA IF NOT EXISTS pgtap; CREATE EXTENSION pgtap SCHEMA pgtap' ||
    bail_out "no pgTAP: install postgresql-N-pgtap for the version in $pg_bin (./bootstrap check does)"
variables=()
for name in ACME GLOBEX ADA BOB CAROL APP OLGA MALLORY; do variables+=(-v "$name=${!name}"); done
for name in ada bob carol app olga mallory; do variables+=(-v "token_$name=$(make_token $name)"); done
# An SQL error that the script did not expect must fail it, even between two plans.
export PGOPTIONS='--search_path=pgtap,public --client_min_messages=warning'
"$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -P pager=off "${variables[@]}" -f "$1" >"$test_dir/stdout" 2>"$test_dir/stderr"
status=$?
cat "$test_dir/stdout"
sed 's/^/# /' "$test_dir/stderr"
tap_finished=yes
if [ $status != 0 ] || grep -q '^not ok' "$test_dir/stdout"; then tap_failed=1; fi
[ $status = 0 ] || echo "Bail out! psql stopped with exit code $status"
exit 0
