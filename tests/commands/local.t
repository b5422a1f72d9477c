#!/bin/bash
# The private cluster: made, started, stopped, crashed, started twice at once, in places with difficult names, as root and as
# an ordinary user, and removed with nothing else.
. "${srcdir:-.}/tests/lib/tap.sh"

export NIGHTBELL_LOCAL_DIR=$test_dir/local
directories=()
use() {
    export NIGHTBELL_LOCAL_DIR=$1
    directories+=("$1")
}
destroy_all() {
    local directory
    for directory in "${directories[@]}"; do
        [ ! -d "$directory" ] || NIGHTBELL_LOCAL_DIR=$directory "$nightbell" local destroy --yes >/dev/null 2>&1
    done
}
at_exit destroy_all
use "$NIGHTBELL_LOCAL_DIR"

first_word() { "$nightbell" local status 2>/dev/null | head -1; }
is_state() { [ "$(first_word)" = "$1" ]; }
server_pid() { "$nightbell" local status --json | jq .pid; }
pg_config_of() { "$(dirname "$(readlink -f "$(command -v postgres)")")/pg_config" "$1"; }
ask() { eval "$("$nightbell" local env)" && psql -XqAt -v ON_ERROR_STOP=1 "$NIGHTBELL_DSN" -c "$1"; }
ask_admin() { psql -XqAt -v ON_ERROR_STOP=1 "$("$nightbell" local status --json | jq -r .dsn | sed s/nightbell_console/nightbell_administrator/)" -c "$1"; }

# -- made, started, stopped

run "$nightbell" local status
is_status 3 "status of a cluster that does not exist"
is "$(head -1 <<<"$out")" absent "it is absent"
like "$err" 'start it with nightbell local start' "the error says what to do"
run "$nightbell" local env
is_status 3 "there is no environment for it"
run "$nightbell" local stop
is_status 0 "stopping what does not run is no error"
run "$nightbell" inbox
is_status 5 "a command without any database says so"
like "$err" 'nightbell local start' "and how to get one"

run "$nightbell" local start
is_status 0 "start makes it and starts it"
is "$(first_word)" running "it runs"
pid=$(server_pid)
run "$nightbell" local start
is_status 0 "a second start is fine"
is "$(server_pid)" "$pid" "and leaves the server alone"
is "$(ask 'SELECT session_user')" nightbell_console "its environment leads to it, as a client"
is "$(ask 'SHOW listen_addresses')" "" "it listens on no network"
is "$(ask 'SHOW fsync')|$(ask 'SHOW data_checksums')|$(ask 'SHOW server_encoding')" 'on|on|UTF8' "it is durable, checks its pages, and speaks UTF-8"
is "$(stat -c %a "$NIGHTBELL_LOCAL_DIR/run" "$NIGHTBELL_LOCAL_DIR/data" "$NIGHTBELL_LOCAL_DIR/log" | sort -u)" 700 "its directories are private"
ok "the logins are there" test "$(ask_admin "SELECT count(*) FROM pg_roles WHERE rolname IN ('nightbell_console', 'nightbell_producing', 'nightbell_administrator')")" = 3
run "$nightbell" db status
is_status 0 "the schema is there and closed as it should be"

ask_admin 'CREATE TABLE public.kept AS SELECT 42 AS answer'
run "$nightbell" local stop
is_status 0 "stop"
is "$(first_word)" stopped "it is stopped"
run "$nightbell" local start
is "$(ask_admin 'SELECT answer FROM public.kept')" 42 "started again, what was in it is there"

# -- crashed

kill -9 "$(server_pid)"
ok "a killed server is seen to have crashed" wait_for 10 is_state crashed
run "$nightbell" local start
is_status 0 "it starts again after that"
is "$(ask_admin 'SELECT answer FROM public.kept')" 42 "and has recovered"
kill -9 "$(server_pid)"
wait_for 10 is_state crashed
sed -i "1s/.*/$$/" "$NIGHTBELL_LOCAL_DIR/data/postmaster.pid"
is "$(first_word)" crashed "a pid file with another process's number does not deceive it"
run "$nightbell" local start
is_status 0 "nor keep it from starting"

# -- PostgreSQL is upgraded while it runs: a copy of its programs, which is replaced as a package's would be

"$nightbell" local stop
version=$(cat "$NIGHTBELL_LOCAL_DIR/data/PG_VERSION")
programs=$test_dir/usr/lib/postgresql/$version/bin
mkdir -p "$programs" "$test_dir/usr/share"
ln -s "$(pg_config_of --pkglibdir)" "$test_dir/usr/lib/postgresql/$version/lib"
ln -s "$(dirname "$(pg_config_of --sharedir)")" "$test_dir/usr/share/postgresql"
cp "$(pg_config_of --bindir)/"{postgres,initdb} "$programs"
export NIGHTBELL_PG_BINDIR=$programs
run "$nightbell" local start
is_status 0 "a server of our own programs starts"
is "$("$nightbell" local status --json | jq .replaced)" false "they are those on disk"
cp "$programs/postgres" "$programs/postgres.new" && mv "$programs/postgres.new" "$programs/postgres"
is "$("$nightbell" local status --json | jq .replaced)" true "status sees that they were replaced"
like "$("$nightbell" local status)" 'nightbell local start restarts it' "and says what to do"
pid=$(server_pid)
run "$nightbell" local start
is_status 0 "start restarts it"
isnt "$(server_pid)" "$pid" "as another process"
is "$("$nightbell" local status --json | jq .replaced)" false "of the programs on disk"
is "$(ask_admin 'SELECT answer FROM public.kept')" 42 "with what was in it"
cp "$programs/postgres" "$programs/postgres.new" && mv "$programs/postgres.new" "$programs/postgres"
pid=$(server_pid)
run "$nightbell" db status
is_status 0 "a command finds it upgraded"
isnt "$(server_pid)" "$pid" "and has restarted it"
unset NIGHTBELL_PG_BINDIR

# -- what it refuses

"$nightbell" local stop
echo 99 >"$NIGHTBELL_LOCAL_DIR/data/PG_VERSION"
run "$nightbell" local start
isnt "$status" 0 "data of another PostgreSQL version is refused"
like "$err" 'PostgreSQL 99' "by its number"
echo 15 >"$NIGHTBELL_LOCAL_DIR/data/PG_VERSION"
run env NIGHTBELL_PG_BINDIR=/nowhere "$nightbell" local start
is_status 3 "programs that are not there are named"
like "$err" 'NIGHTBELL_PG_BINDIR=/nowhere' "with the setting that named them"

mkdir "$test_dir/foreign"
echo precious >"$test_dir/foreign/file"
run env NIGHTBELL_LOCAL_DIR="$test_dir/foreign" "$nightbell" local start
isnt "$status" 0 "a directory with other things in it is refused"
run env NIGHTBELL_LOCAL_DIR="$test_dir/foreign" "$nightbell" local destroy --yes
isnt "$status" 0 "and not destroyed"
is "$(ls "$test_dir/foreign")$(cat "$test_dir/foreign/file")" fileprecious "and left as it was"

touch "$NIGHTBELL_LOCAL_DIR/note"
run "$nightbell" local destroy --yes
is_status 0 "destroy"
is "$(ls -A "$NIGHTBELL_LOCAL_DIR")" note "what was not made here stays"
run "$nightbell" local status
is "$(head -1 <<<"$out")" absent "the cluster is gone"

# -- two starts at once

use "$test_dir/at once"
for n in 1 2 3 4; do
    "$nightbell" local start >"$test_dir/start.$n" 2>&1 &
done
failures=0
for job in $(jobs -p); do wait "$job" || failures=$((failures + 1)); done
is "$failures" 0 "four starts at once all succeed"
is "$(first_word)" running "and one server runs"
"$nightbell" local destroy --yes
ok "nothing is left" test ! -e "$NIGHTBELL_LOCAL_DIR"

# -- difficult names

# shellcheck disable=SC2016
for name in 'with blanks  and '"'"'quotes"' '$(touch owned);`touch owned`' 'comma,separated' '書道 été' "$(printf 'long%.0s' {1..30})"; do
    use "$test_dir/$name"
    run "$nightbell" local start
    is_status 0 "start in a directory called ${name:0:40}"
    is "$(ask 'SELECT 1')" 1 "and reach it"
    run "$nightbell" local destroy --yes
    is_status 0 "and destroy it"
done
ok "no name was run as a command" test ! -e owned -a ! -e "$test_dir/owned"

# -- as an ordinary user

if [ "$(id -u)" = 0 ]; then
    home="$test_dir/home of nobody"
    mkdir -m 0700 "$home" && chown nobody "$home"
    # the build may lie where nobody else can look
    install -m 755 "$nightbell" "$home/nightbell-program"
    # The build may be in a directory that is closed to them.
    own=$test_dir/nightbell
    cp "$nightbell" "$own" && chmod 0755 "$own"
    as_nobody() { runuser -u nobody -- env -u NIGHTBELL_LOCAL_DIR HOME="$home" "$@"; }
    run as_nobody "$home/nightbell-program" local start
    is_status 0 "an ordinary user starts one of their own"
    run as_nobody "$home/nightbell-program" local status
    like "$out" "$home/.local/share/nightbell/local" "in their data directory"
    socket=$(as_nobody "$home/nightbell-program" local status --json | jq -r .socket_directory)
    is "$(as_nobody psql -XqAt "host='$socket' dbname=nightbell user=nightbell_console" -c 'SELECT session_user')" nightbell_console "they get in"
    is "$(psql -XqAt "host='$socket' dbname=nightbell user=nightbell_administrator" -c 'SELECT session_user')" nightbell_administrator "so does root"
    not_ok "nobody else does" runuser -u postgres -- psql -XqAt "host='$socket' dbname=nightbell user=nightbell_console" -c 'SELECT 1'
    run env NIGHTBELL_LOCAL_DIR="$home/.local/share/nightbell/local" "$nightbell" local stop
    isnt "$status" 0 "root does not meddle with it"
    run as_nobody "$home/nightbell-program" local destroy --yes
    is_status 0 "they destroy it"
fi
done_testing
