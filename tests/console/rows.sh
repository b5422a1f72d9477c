# rows.sh - rows for the console's tests, put in by SQL as any program would; after cluster.sh and screen.sh.
#
#   send USER_ID TITLE [MESSAGE]                                         a notification of type SYSTEM_EVENT; prints its id
#   incident SEVERITY TYPE DESCRIPTION [DETAILS] [FINGERPRINT]           a system event; prints its id
#   event_field ID COLUMN  inbox_field ID COLUMN                         what the database has

quoted() { printf "'%s'" "${1//\'/\'\'}"; }
send() {
    psql_do "SELECT nightbell.notify('$ACME', '$1', 'SYSTEM_EVENT', $(quoted "$2"), $(quoted "${3:-about $2}"),
        '{\"eventId\": 1, \"severity\": \"high\"}')"
}
incident() {
    local details=NULL fingerprint=NULL
    [ -z "${4:-}" ] || details="$(quoted "$4")::jsonb"
    [ -z "${5:-}" ] || fingerprint=$(quoted "$5")
    psql_do "SELECT nightbell.raise_event($(quoted "$2"), '$1', $(quoted "$3"), details => $details, tenant => '$ACME',
        fingerprint => $fingerprint, source => 'tests')"
}
event_field() { psql_do "SELECT $2 FROM nightbell.admin_system_events WHERE id = $1"; }
inbox_field() { psql_do "SELECT $2 FROM nightbell.notifications WHERE id = '$1'"; }
# Clocks, ages and ids keep their width; the hint bar is the keymap's business.
screen_masks=(-e 's/\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b/hh:mm:ss/g' -e 's/\b[0-9]{2}:[0-9]{2}\b/hh:mm/g'
    -e 's/\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b/yyyy-mm-dd/g' -e 's/ now / ##s /g'
    -e 's/ [0-9]{2}(s|m|h) / ##s /g' -e 's/  [0-9](s|m|h) / ##s /g'
    -e 's/^ .*[?] help$/ (hints)/' -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu/g')
