# pooler.sh - a PgBouncer of the test's own in front of its cluster; after cluster.sh.
#
#   pooler_start MODE [SIZE] [SETTING…]   pool_mode session or transaction, SIZE server connections (default 3)
#   pooler_stop
#   pooled_psql LOGIN 'SQL'               psql through it, as another program that shares the pool: no token of its own
#
# $pooler_dsn is for nightbell_console, $pooler_producer_dsn for nightbell_producing, $pooler_admin_dsn for
# nightbell_administrator. It listens on a unix socket in the test's directory only.

pooler_start() {
    local mode=$1 size=${2:-3} dir=$test_dir/pooler program
    shift
    [ $# = 0 ] || shift
    program=$(PATH=$PATH:/usr/sbin command -v pgbouncer) || bail_out "no pgbouncer: ./bootstrap check installs it"
    rm -rf "$dir"
    mkdir -m 0755 "$dir"
    printf '"%s" ""\n' nightbell_console nightbell_producing nightbell_administrator ada >"$dir/users"
    {
        printf '[databases]\nnightbell = host=%s dbname=nightbell\n[pgbouncer]\n' "$cluster_dir"
        printf '%s = %s\n' listen_addr '' unix_socket_dir "$dir" unix_socket_mode 0777 auth_type trust \
            auth_file "$dir/users" pool_mode "$mode" default_pool_size "$size" logfile "$dir/log" pidfile "$dir/pid"
        [ $# = 0 ] || printf '%s\n' "$@"
    } >"$dir/pgbouncer.ini"
    own_by_server "$dir"
    as_server "$program" -q "$dir/pgbouncer.ini" 9>&- </dev/null >"$dir/out" 2>&1 &
    pooler_pid=$!
    at_exit pooler_stop
    pooler_dsn="host=$dir port=6432 dbname=nightbell user=nightbell_console"
    pooler_producer_dsn="host=$dir port=6432 dbname=nightbell user=nightbell_producing"
    pooler_admin_dsn="host=$dir port=6432 dbname=nightbell user=nightbell_administrator"
    wait_for 10 test -S "$dir/.s.PGSQL.6432" || bail_out "pgbouncer does not start: $(cat "$dir/out" "$dir/log")"
}
pooler_stop() {
    local pid
    [ -n "${pooler_pid:-}" ] || return 0
    # Since 1.23 it waits for its clients after SIGTERM, and some of a test's are still there.
    pid=$(cat "$test_dir/pooler/pid" 2>/dev/null) && kill -9 "$pid" 2>/dev/null
    wait "$pooler_pid" 2>/dev/null
    pooler_pid=
}
pooled_psql() { PGHOST=$test_dir/pooler PGPORT=6432 PGUSER=$1 "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$2"; }
