#!/bin/bash
# The figures beside the tab of a view that is not shown: they follow what others do within seconds, as those of the view that
# is shown, and what time alone changes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

# The tabs, without the clock and the line's state, which follow them.
tabs_are() { [[ "$(screen_text | head -1 | tr -s ' ')" =~ ^\ nightbell\ +"$1"\ bob@ ]]; }
tabs_show() { # TABS WHAT [SECONDS]: everything is read again only every half a minute
    ok "$2" wait_for "${3:-10}" tabs_are "$1"
    tabs_are "$1" || diag "the tabs: $(screen_text | head -1)"
}
as_carol() { psql_person carol "$1" >/dev/null || bail_out "carol cannot: $1"; }
as_bob() { psql_person bob "$1" >/dev/null || bail_out "bob cannot: $1"; }

console_start -n bob bob 120x20
keys '2'
screen_wait 'nothing is open|no events|is:open'
tabs_show '1 Inbox 2 Events 3 Deliveries' "nothing to count"

# -- the events are shown, the inbox is not
first=$(send "$BOB" "the first")
tabs_show '1 Inbox 1 2 Events 3 Deliveries' "a notification is counted"
send "$BOB" "the second" >/dev/null
third=$(send "$BOB" "the third")
tabs_show '1 Inbox 3 2 Events 3 Deliveries' "and two more"
as_bob "SELECT * FROM nightbell.inbox_set_state('read', '{$first}', '{now}')"
tabs_show '1 Inbox 2 2 Events 3 Deliveries' "what another session of the same person reads is taken away"
as_bob "SELECT * FROM nightbell.inbox_set_state('read', '{$first}', '{NULL}')"
tabs_show '1 Inbox 3 2 Events 3 Deliveries' "and comes back when it is unread again"
as_bob "SELECT * FROM nightbell.inbox_set_state('deleted', '{$third}', '{now}')"
tabs_show '1 Inbox 2 2 Events 3 Deliveries' "what it deletes is taken away"
announced=$(psql_do "SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'for all', 'm')")
tabs_show '1 Inbox 3 2 Events 3 Deliveries' "an announcement is counted"
as_bob "SELECT * FROM nightbell.inbox_set_state('read', '{$announced}', '{now}')"
tabs_show '1 Inbox 2 2 Events 3 Deliveries' "until another session reads it"
psql_do "UPDATE nightbell.notifications SET expires_at = now() + interval '3 s' WHERE id = '$first'"
tabs_show '1 Inbox 1 2 Events 3 Deliveries' "what expires is not counted any more, when everything is next read again: every half a minute" 40

# -- the inbox is shown, the events are not
keys '1'
screen_wait 'the second'
critical=$(incident critical job_failure 'nightly export failed')
tabs_show '1 Inbox 1 2 Events ▲1 3 Deliveries' "a critical event is counted"
high=$(incident high quota_reached 'tenant acme at 98 %')
other=$(incident high slow_query 'bookings list takes 4.1 s')
tabs_show '1 Inbox 1 2 Events ▲1 ●2 3 Deliveries' "and two high ones"
as_carol "SELECT * FROM nightbell.event_act('resolve', '{$other}', 'by index')"
tabs_show '1 Inbox 1 2 Events ▲1 ●1 3 Deliveries' "what a colleague resolves is taken away"
as_carol "SELECT * FROM nightbell.event_act('reopen', '{$other}', 'not at all')"
tabs_show '1 Inbox 1 2 Events ▲1 ●2 3 Deliveries' "and comes back when she reopens it"
person carol "$nightbell" --quiet events snooze "$critical" 8s
tabs_show '1 Inbox 1 2 Events ●2 ◷1 3 Deliveries' "one that she snoozes is counted as such"
tabs_show '1 Inbox 1 2 Events ▲1 ●2 3 Deliveries' "until the snooze ends" 15
psql_do "DELETE FROM nightbell.admin_system_events WHERE id = $other"
tabs_show '1 Inbox 1 2 Events ▲1 ●1 3 Deliveries' "one that the purge takes is counted no more" 20

# -- both while the help covers everything, with a filter on each, and over a lost connection
keys 'f<C-u>is:read<Enter>'
screen_wait '^ is:read ─'
keys '?'
screen_wait 'help'
send "$BOB" "under the help" >/dev/null
as_carol "SELECT * FROM nightbell.event_act('resolve', '{$high}', 'bought more')"
tabs_show '1 Inbox 2 2 Events ▲1 3 Deliveries Help' "both are right while the help covers them, whatever the filter"
keys '<Esc>'
server_stop
screen_wait 'retry in|no database'
server_start
psql_do "UPDATE nightbell.notifications SET read_at = now() WHERE user_id = '$BOB' AND title = 'the second'"
incident critical job_failure 'and the import' >/dev/null
screen_wait '● live' 30
tabs_show '1 Inbox 1 2 Events ▲2 3 Deliveries' "both are those of the database after a lost connection"
console_quit "after that"
done_testing
