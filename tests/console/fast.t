#!/bin/bash
# Typed faster than the rows come: each burst is one write, so no answer of the database is between its keys. No act hits a
# row that the screen would not have shown.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
. "$tests_lib/console.sh"
cluster_start

event() { psql_do "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id) VALUES ('$1', 'medium', '$2', '$ACME') RETURNING id"; }
acked() { psql_do "SELECT string_agg(event_type, ' ' ORDER BY id) FROM nightbell.admin_system_events WHERE acknowledged_at IS NOT NULL"; }
resolved() { psql_do 'SELECT count(*) FROM nightbell.admin_system_events WHERE is_resolved'; }
shows_open() { screen_wait "^ is:open ─.* $1 of"; }

event slow_query 'the one that is meant' >/dev/null
event mail_bounced 'another one' >/dev/null
event job_failure 'the newest' >/dev/null
console_start bob 100x20
keys '2'
shows_open 3

# -- a filter
keys 'f<C-u>is:open type:slow_query<Enter>a'
screen_wait '^ acknowledged #[0-9]+ [a-z_]+'
is "$(acked)" slow_query "an act behind a filter waits for its rows"
keys 'u'
screen_wait 'undid'
keys 'F'
screen_wait '^ all .* 3$'
keys 'f<C-u>is:open type:no_such<Enter>a'
screen_shows 'there is no event here' "and where no rows come there is none to act on"
is "$(acked)" '' "nothing is hit"
keys 'f<C-u>is:open<Enter>gga'
screen_wait '^ acknowledged #[0-9]+ [a-z_]+'
is "$(acked)" job_failure "an act behind a filter and a jump"
keys 'u'
screen_wait 'undid: acknowledged'

# -- an undo
keys 'ggr'
screen_wait '^ resolved #[0-9]+ [a-z_]+'
keys 'uggja'
screen_wait '^ acknowledged #[0-9]+ [a-z_]+'
is "$(acked)" mail_bounced "an act behind an undo means the rows that it brought back"
is "$(resolved)" 0 "which are back"
keys 'u'
screen_wait 'undid: acknowledged'

# -- a search
keys '/slow<Enter>a'
screen_wait '^ acknowledged #[0-9]+ [a-z_]+'
is "$(acked)" slow_query "an act behind a search means its match"
keys 'u'
screen_wait 'undid: acknowledged'

keys '<Esc>'

# -- questions: what is typed behind the key is their answer
psql_do "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id)
    SELECT 'many', 'low', 'event ' || i, '$ACME' FROM generate_series(1, 997) i" >/dev/null
shows_open 1,000
keys 'f<C-u>is:open type:many<Enter>*ry'
screen_wait '^ resolved 997 events'
is "$(resolved)" 997 "all that a filter shows, marked and resolved in one burst: those, and no other"
keys 'u'
screen_wait 'undid: resolved 997 events'
keys 'F'
screen_wait '^ all .* 1,000'
keys 'ggVGr'
screen_shows 'resolve 1,000 events: #.*\(y/n\)' "a range to the oldest row names its exact number"
keys 'n-'
psql_do "UPDATE nightbell.admin_system_events SET is_resolved = true, resolved_at = now() WHERE event_type = 'many'" >/dev/null
keys 'f<C-u>is:open<Enter>*r'
screen_shows 'resolve 3 events: #[0-9]+ [a-z_]+, #[0-9]+ [a-z_]+, #[0-9]+ [a-z_]+\? \(y/n\)' "so do all that match, though the count was another a moment ago: each by its name"
keys 'n-q'
is "$(screen_exit)" "exit 0" "keys behind a question are not lost: it quits"

for title in one two three; do notify ada "$title" >/dev/null; done
console_start -n ada ada 80x16
keys '1'
screen_wait 'three'
keys 'Ry'
screen_shows 'marked 3 notifications read' "read all and its answer in one burst"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE read_at IS NULL AND user_id = '$ADA'")" 0 "in the database"
keys 'F'
screen_wait 'three'
keys 'f<C-u>one<Enter>d'
screen_wait '^ deleted "[^"]+"'
is "$(psql_do "SELECT title FROM nightbell.notifications WHERE deleted_at IS NOT NULL")" one "a delete behind a filter hits the row that it shows"

# -- rows that do not come
keys 'F'
screen_wait 'three'
server_freeze
keys 'f<C-u>two<Enter>dj'
keys '<Esc>'
screen_shows 'delete was not done: cancelled' "Esc lets go of keys that wait"
server_thaw
screen_wait '^ two'
screen_idle 300
is "$(psql_do "SELECT string_agg(title, ' ') FROM nightbell.notifications WHERE deleted_at IS NOT NULL")" one "and nothing was deleted"
console_quit "after all that"
done_testing
