# cluster.sh - a PostgreSQL for one test: private directory, unix socket only, removed at the end.
#
#   . "${srcdir:-.}/tests/lib/cluster.sh"      after tap.sh
#   cluster_start                 a server with the schema and the people of people.sql, in well under a second
#   cluster_start --durable       the same with fsync on (faults, bench)
#   psql_do 'SQL'                 as superuser: rows unaligned, columns separated by |; fails when a statement fails
#   psql_as LOGIN 'SQL'           as another login (nightbell_console, nightbell_producing, ada …)
#   psql_person NAME 'SQL'        as nightbell_console with NAME's token set
#   person NAME command…          runs the command with the DSN and the token of ada, bob, carol, app, olga or mallory
#   notify NAME TITLE [MESSAGE]   a notification of type TEST_NOTE to ada, bob …; prints its id
#   raise SEVERITY DESCRIPTION    an event of acme, type test_event; prints its id
#   make_token NAME [SECONDS]     prints a token (default: valid for an hour; negative: expired)
#   token_file NAME               prints the path of a file with it, mode 0600
#   server_stop [MODE]  server_start  server_restart [MODE]  server_freeze  server_thaw
#   kill_backends [APPLICATION]   terminates the client backends (of one application_name)
#
# $ACME $GLOBEX $ADA $BOB $CAROL $APP $OLGA $MALLORY are their ids; $cluster_dsn is for nightbell_console,
# $cluster_producer_dsn for nightbell_producing, $cluster_admin_dsn for nightbell_administrator.
#
# The cluster is a copy of a template in $builddir/tests/clusters that is made once for each state of core/sql.
# Run as a program (`cluster.sh serve`) it does the same for the tests in C, over stdin and stdout: see cluster.c.

pg_bin=$(sh "$(dirname "${BASH_SOURCE[0]}")/pg_bin.sh")
ACME=00000000-0000-4000-8000-00000000acee
GLOBEX=00000000-0000-4000-8000-00000000b0b0
ADA=00000000-0000-4000-8000-0000000000a1
BOB=00000000-0000-4000-8000-0000000000b1
CAROL=00000000-0000-4000-8000-0000000000c1
APP=00000000-0000-4000-8000-0000000000e1
OLGA=00000000-0000-4000-8000-0000000000f1
MALLORY=00000000-0000-4000-8000-0000000000d1
export ACME GLOBEX ADA BOB CAROL APP OLGA MALLORY

# PostgreSQL refuses to run as root, so for root it runs as the unprivileged account of Debian's package.
as_server() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
own_by_server() {
    if [ "$(id -u)" = 0 ]; then chown -R postgres: "$@"; fi
}

# Starts the server of a data directory with its socket beside it. fd 9 is a lock or a pipe of the test, which
# the server must not inherit.
pg_up() {
    local data=$1
    shift
    as_server "$pg_bin/pg_ctl" -D "$data" -w -t 60 -s -l "$data/../server.log" -o "$*" start 9>&- </dev/null
}
pg_down() { as_server "$pg_bin/pg_ctl" -D "$1" -w -t 60 -s -m "${2:-fast}" stop </dev/null; }

cluster_settings() {
    cat <<END
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = 32MB
timezone = 'UTC'
log_line_prefix = '%m [%p] %a %u '
autovacuum_naptime = 1h
END
    [ "${cluster_durable:-no}" = yes ] || printf '%s\n' 'fsync = off' 'full_page_writes = off'
}

# All that the template depends on: the SQL in the program, what applies it, the people, and the month of its partitions.
template_key() {
    {
        cat "$tests_lib/people.sql" "${BASH_SOURCE[0]}" "$builddir/core/server_sql_texts.c" "$srcdir/core/schema/migrate.c"
        "$pg_bin/postgres" --version
        date -u +%Y-%m
    } | sha256sum | cut -c 1-16
}

# Makes the template in a directory that the server's account can reach, then moves it into place.
template_make() {
    local target=$1 work rc=0
    work=$(mktemp -d "${TMPDIR:-/tmp}/nbt.template.XXXXXX") || return 1
    chmod 0755 "$work"
    mkdir "$work/cluster" && own_by_server "$work/cluster" || return 1
    {
        as_server "$pg_bin/initdb" -D "$work/cluster/data" -A trust -E UTF8 --locale=C.UTF-8 -U postgres --no-sync \
            --wal-segsize=4 &&
            cluster_settings >>"$work/cluster/data/postgresql.conf" &&
            pg_up "$work/cluster/data" -k "$work/cluster" &&
            template_fill "$work/cluster"
    } >"$work/log" 2>&1 || rc=1
    pg_down "$work/cluster/data" >>"$work/log" 2>&1
    if [ $rc = 0 ]; then
        rm -f "$work/cluster/server.log"
        mkdir -p "$(dirname "$target")"
        cp -a "$work/cluster" "$target.new" && mv "$target.new" "$target" || rc=1
    else
        sed 's/^/# /' "$work/log" >&2
        cat "$work/cluster/server.log" >&2
    fi
    rm -rf "$work"
    return $rc
}
template_fill() {
    local psql=("$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -h "$1" -U postgres -d nightbell)
    "$pg_bin/createdb" -h "$1" -U postgres nightbell &&
        "$builddir/nightbell" --dsn "host=$1 user=postgres dbname=nightbell" db init &&
        "${psql[@]}" -f "$tests_lib/people.sql"
}

template() {
    local dir=$builddir/tests/clusters target
    target=$dir/$(template_key)
    mkdir -p "$dir"
    (
        flock 9
        if [ ! -d "$target" ]; then
            rm -rf "${dir:?}"/*/
            template_make "$target"
        fi
    ) 9>"$dir/lock" || return 1
    echo "$target"
}

cluster_start() {
    local from extra=()
    cluster_durable=no
    if [ "${1:-}" = --durable ]; then
        cluster_durable=yes
        extra=(-c fsync=on -c full_page_writes=on)
    fi
    [ -x "$pg_bin/postgres" ] || bail_out "no PostgreSQL in $pg_bin: install postgresql (./bootstrap does)"
    from=$(template) || bail_out "the template cluster could not be made"
    cluster_dir=$test_dir/cluster
    cp -a --reflink=auto "$from" "$cluster_dir" && own_by_server "$cluster_dir"
    cluster_options="-k $cluster_dir ${extra[*]:-}"
    at_exit cluster_end
    export PGHOST=$cluster_dir PGDATABASE=nightbell PGUSER=postgres
    cluster_dsn="host=$cluster_dir dbname=nightbell user=nightbell_console"
    cluster_producer_dsn="host=$cluster_dir dbname=nightbell user=nightbell_producing"
    cluster_admin_dsn="host=$cluster_dir dbname=nightbell user=nightbell_administrator"
    server_start || bail_out "the server does not start: $(tail -3 "$cluster_dir/server.log")"
}
cluster_end() {
    [ -d "$cluster_dir/data" ] || return 0
    server_thaw 2>/dev/null
    if [ -f "$cluster_dir/data/postmaster.pid" ]; then pg_down "$cluster_dir/data" immediate; fi
}

server_start() { pg_up "$cluster_dir/data" $cluster_options; }
server_stop() { pg_down "$cluster_dir/data" "${1:-fast}"; }
server_restart() { server_stop "${1:-fast}" && server_start; }
server_pids() {
    local postmaster
    read -r postmaster <"$cluster_dir/data/postmaster.pid" || return 1
    echo "$postmaster"
    ps -o pid= --ppid "$postmaster"
}
server_freeze() { kill -STOP $(server_pids); }
server_thaw() { kill -CONT $(server_pids); }
kill_backends() {
    psql_do "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend'
              AND pid <> pg_backend_pid() AND ('${1:-}' = '' OR application_name = '${1:-}')"
}

psql_do() { "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
psql_as() { PGUSER=$1 "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$2"; }
psql_person() {
    PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$(make_token "$1")" "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$2"
}

# Runs SQL as the application, with its token. Texts are psql variables, so they may contain anything.
as_app() {
    PGUSER=nightbell_producing PGOPTIONS="-c nightbell.token=$(make_token app)" "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 "$@"
}
notify() {
    local id=${1^^}
    as_app -v "user=${!id}" -v "title=$2" -v "message=${3:-a message}" -v "tenant=$ACME" <<<"
        SELECT nightbell.notify(:'tenant', :'user', 'TEST_NOTE', :'title', :'message')"
}
raise() {
    as_app -v "severity=$1" -v "description=$2" <<<"SELECT nightbell.raise_event('test_event', :'severity', :'description')"
}

make_token() {
    perl -MDigest::SHA=hmac_sha256_base64 -MMIME::Base64 -e '
        my ($name, $seconds) = @ARGV;
        my %people = (ada => ["00a1", "user"], bob => ["00b1", "user", "operator"], carol => ["00c1", "user", "operator"],
                      app => ["00e1", "producer"], olga => ["00f1", "user", "operator", "producer", "admin"],
                      mallory => ["00d1", "user", "operator"]);
        $people{$name} = [substr($name, 32), "user"] if $name =~ /^00000000-0000-4000-8000-00000000be0\d$/; # readers of bench
        my ($id, @roles) = @{$people{$name} or die "nobody is called $name\n"};
        my $tenant = $name eq "olga" ? "*" : "00000000-0000-4000-8000-0000" . ($name eq "mallory" ? "0000b0b0" : "0000acee");
        my $now = time;
        my $claims = sprintf q({"sub":"00000000-0000-4000-8000-00000000%s","tenant":"%s","roles":[%s],)
            . q("aud":"nightbell","iat":%d,"exp":%d}),
            $id, $tenant, join(",", map { qq("$_") } @roles), $now, $now + $seconds;
        my $text = join ".", map { my $t = encode_base64($_, ""); $t =~ tr|+/=|-_|d; $t }
            q({"alg":"HS256","typ":"JWT","kid":"tests"}), $claims;
        my $signature = hmac_sha256_base64($text, "a secret of the tests, 32 bytes or more");
        $signature =~ tr|+/|-_|;
        print "$text.$signature\n";' "$1" "${2:-3600}"
}
token_file() {
    local file=$test_dir/$1.token
    # moved into place: commands in the background may read it at the same time
    [ -f "$file" ] || (umask 077 && new=$file.$BASHPID && make_token "$1" >"$new" && mv "$new" "$file") || return 1
    echo "$file"
}
person() {
    local dsn=$cluster_dsn file
    [ "$1" != app ] && [ "$1" != olga ] || dsn=$cluster_producer_dsn
    file=$(token_file "$1") || return 1
    shift
    env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$dsn" NIGHTBELL_TOKEN_FILE="$file" "$@"
}

# For cluster.c: one request and one answer on each line; removes everything when stdin is closed.
cluster_serve() {
    local verb rest
    echo "$cluster_dir"
    while read -r verb rest; do
        case $verb in
        stop) server_stop $rest ;;
        start) server_start ;;
        restart) server_restart $rest ;;
        freeze) server_freeze ;;
        thaw) server_thaw ;;
        token) make_token $rest ;;
        keep) tap_failed=1 ;;
        *) false ;;
        esac 2>&1 | tr '\n' ' '
        echo
    done
}
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    . "$(dirname "$0")/tap.sh"
    exec 3>&1 1>&2
    cluster_start "${@:2}"
    cluster_serve >&3
    tap_finished=yes
fi
