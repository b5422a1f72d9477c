#!/bin/bash
# Acts on thousands of rows: asked first, progress shown, keys answered meanwhile, undone as one.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
SCREEN_SECONDS=60
cluster_start
psql_do "SELECT count(nightbell.notify('$ACME', '$ADA', 'SYSTEM_EVENT', 'row ' || lpad(n::text, 4, '0'), 'message of row ' || n, '{\"eventId\": 1, \"severity\": \"high\"}'))
    FROM generate_series(1, 3000) AS n" >/dev/null
psql_do "SELECT count(nightbell.raise_event('t' || n, 'low', 'event ' || n, tenant => '$ACME')) FROM generate_series(1, 1500) AS n" >/dev/null
unread() { psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$ADA' AND read_at IS NULL"; }

console_start -n ada ada 80x20
keys 'R'
screen_shows 'mark 3,000 notifications read\? \(y/n\)' "read all asks with the count"
keys 'y'
screen_shows '^▌ · .*row 3000' "on screen at once"
keys 'G'
screen_shows '^▌.*row 0001' "a key is answered while it runs"
screen_shows 'marked 3,000 notifications read' "done"
is "$(unread)" 0 "in the database"
keys 'u'
screen_shows 'undid: marked 3,000 notifications read' "undone"
is "$(unread)" 3000 "in the database"
screen_shows 'Inbox 3,000 ' "and in the header"

keys ':filter is:unread -"row 001"<Enter>'
screen_wait ' 2,990 of 3,000'
keys '*' 'a'
screen_wait 'archive 2,990 notifications: "row 00.*\(y/n\)'
keys 'y'
screen_shows 'archived 2,990 notifications' "all that match, and no other"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE archived_at IS NULL")" 10 "ten are left"
keys 'u'
screen_shows 'undid: archived 2,990' "undone as one"

console_start -n bob bob 80x20
keys '2'
screen_wait ' 1,500 of 1,500'
keys '*' 'r'
screen_wait 'resolve 1,500 events: #1500 t1500, #1499 t1499, #1498 t1498 …\?'
keys 'y'
screen_shows 'resolved 1,500 events' "events too"
is "$(psql_do 'SELECT count(*) FROM nightbell.admin_system_events WHERE NOT is_resolved')" 0 "in the database"
keys 'u'
screen_shows 'undid: resolved 1,500 events' "and back"
keys 'g' 'g' 'V' 'G'
screen_wait '^▌.*event 1  '
keys 'k' 'a'
screen_wait 'acknowledge 1,499 events: #1500 t1500,|acknowledge 1,499 events: #'
keys 'y'
screen_shows 'acknowledged 1,499 events' "a range from the newest to the one before the oldest"
is "$(psql_do 'SELECT count(*) FROM nightbell.admin_system_events WHERE acknowledged_at IS NULL')" 1 "all but one"

# The mouse.
keys 1
screen_wait 'nothing has come yet'
mouse p 1 0 27
mouse r 1 0 27
screen_wait '^ is:open'
screen_idle
mouse p 1 5 10
mouse r 1 5 10
clicked() { [ "$(screen_cursor)" = "5 0" ]; }
ok "a click selects the row" wait_for 10 clicked
before=$(screen_row 5)
mouse p 4 5 10
mouse p 4 5 10
scrolled() { [ "$(screen_row 5)" != "$before" ]; }
ok "the wheel scrolls" wait_for 10 scrolled
console_quit "after all that"
done_testing
