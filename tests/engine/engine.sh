# engine.sh - what the tests of the engine share: worlds that the reference knows (world.py, moments.py, recipients.py, reference.py), and workers.
#
#   . "${srcdir:-.}/tests/lib/tap.sh"; . "$tests_lib/cluster.sh"; . "$srcdir/tests/engine/engine.sh"
#   engine_start                  a cluster with logins working_1 … working_4 for workers
#   reference what…               see reference.py
#   make_world SEED NOW [options] a random installation; prints what was refused of it
#   as_worker N command…          nightbell worker as working_N, with more options
#   recipients_at_once N          a chunk of the worker has so many recipients from then on
#   same_as_reference SEED FROM TO NOW NAME [options]
#                                 a test: what is stored is what the reference says of these app events, and nothing more
reference() { PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/engine/reference.py" "$@"; }

engine_start() {
    local n
    cluster_start
    for n in 1 2 3 4; do psql_do "CREATE ROLE working_$n LOGIN IN ROLE nightbell_worker"; done
}

make_world() { reference world "$@" | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 2>&1; }

as_worker() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_$1" worker --name "working_$1" "${@:2}"; }

recipients_at_once() {
    psql_do "ALTER FUNCTION nightbell.engine_plan(uuid[], bigint[], int) RENAME TO engine_plan_at_once;
        CREATE FUNCTION nightbell.engine_plan(tenants uuid[], ids bigint[], most int)
        RETURNS TABLE (at_item int, rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
                       title text, message text, person text, locale text)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, nightbell, pg_temp
        AS 'SELECT * FROM nightbell.engine_plan_at_once(tenants, ids, least(most, $1))';
        ALTER FUNCTION nightbell.engine_plan(uuid[], bigint[], int) OWNER TO nightbell_owner;
        GRANT EXECUTE ON FUNCTION nightbell.engine_plan(uuid[], bigint[], int) TO nightbell_worker" >/dev/null
}

same_as_reference() {
    psql_do "$(reference stored)" >"$test_dir/stored"
    reference compare "${@:1:4}" "${@:6}" <"$test_dir/stored" >"$test_dir/differences" 2>"$test_dir/counts"
    is "$? $(head -5 "$test_dir/differences")" '0 ' "$5"
    diag "$(cat "$test_dir/counts")"
}
