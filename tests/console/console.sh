# console.sh - consoles of people in terminals: after tap.sh, screen.sh and cluster.sh.
#
#   console_start NAME PERSON COLSxROWS [argument…]   a console as ada, bob, carol, olga or mallory, with a home of its own
#   console_ready                  waits until it is connected, has its rows and hears the doorbells
#   notify USER TITLE [MESSAGE] [TYPE]    prints the id; as a producer's psql would
#   raise SEVERITY TYPE DESCRIPTION [DETAILS] [FINGERPRINT]
#   event_field ID COLUMN  inbox_field ID COLUMN      what the database has

console_start() {
    local name=$1 person=$2 size=$3 dsn=$cluster_dsn
    shift 3
    [ "$person" != olga ] || dsn=$cluster_producer_dsn
    mkdir -p "$test_dir/home.$name"
    screen_start -n "$name" "$size" env -u PGHOST -u PGDATABASE -u PGUSER HOME="$test_dir/home.$name" \
        NIGHTBELL_DSN="$dsn" NIGHTBELL_TOKEN_FILE="${console_token:-$(token_file "$person")}" "$nightbell" "$@"
}
console_ready() { screen_wait '● live'; }
quoted() { printf "'%s'" "${1//\'/\'\'}"; }
notify() {
    psql_do "SELECT nightbell.notify('$ACME', '$1', '${4:-SYSTEM_EVENT}', $(quoted "$2"), $(quoted "${3:-about $2}"))"
}
raise() {
    local details=NULL fingerprint=NULL
    [ -z "${4:-}" ] || details="$(quoted "$4")::jsonb"
    [ -z "${5:-}" ] || fingerprint=$(quoted "$5")
    psql_do "SELECT nightbell.raise_event($(quoted "$2"), '$1', $(quoted "$3"), details => $details, tenant => '$ACME',
        fingerprint => $fingerprint, source => 'tests')"
}
event_field() { psql_do "SELECT $2 FROM nightbell.admin_system_events WHERE id = $1"; }
inbox_field() { psql_do "SELECT $2 FROM nightbell.notifications WHERE id = '$1'"; }
# Clocks, ages and ids keep their width.
screen_masks=(-e 's/\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b/hh:mm:ss/g' -e 's/\b[0-9]{2}:[0-9]{2}\b/hh:mm/g'
    -e 's/\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b/yyyy-mm-dd/g' -e 's/ now / ##s /g'
    -e 's/ [0-9]{2}(s|m|h) / ##s /g' -e 's/  [0-9](s|m|h) / ##s /g'
    -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu/g')
