#!/bin/bash
# The order of events: newest, last seen or severity, by a key, a filter word or an option. An event raised again comes up by itself, and
# the cursor stays on its row.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

incident critical job_failure 'first raised' '{}' first >/dev/null
incident low disk 'second raised' '{}' second >/dev/null
incident high quota 'third raised' '{}' third >/dev/null
psql_do "SET session_replication_role = replica; UPDATE nightbell.admin_system_events SET created_at = now() - interval '3 hours', last_seen_at = now() - id * interval '1 minute'"
# The descriptions from the top, as a line of words.
shown() { for row in 2 3 4; do screen_row $row; done | grep -oE '(first|second|third) raised' | sed 's/ .*//' | tr '\n' ' '; }
shown_wait() {
    local deadline=$((SECONDS + 20))
    while [ "$(shown)" != "$1 " ] && [ $SECONDS -lt $deadline ]; do screen_idle 20; done
    is "$(shown)" "$1 " "$2"
}

console_start -n bob bob 110x12
keys '2'
shown_wait 'third second first' "newest first"
keys ':' 'sort seen<Enter>'
shown_wait 'first second third' "sorted by when they were last seen"
screen_shows 'is:open sort:seen' "the filter line says it"
screen_shows 'by last seen' "in words as well"
like "$(screen_row 2)" 'CRIT +1m ' "the age is that of the last time"
like "$(screen_row 4)" '^▌.*third' "the cursor is on the row on which it was"
keys 'g' 'g' 'j'
screen_wait '^▌.*second'
incident high quota 'third raised' '{}' third >/dev/null
shown_wait 'third first second' "raised again, it comes up by itself"
screen_shows '^ #[0-9]+ quota raised again ×1 → ×2' "the message line says it, with its name"
like "$(screen_row 2)" '×2' "with how often"
like "$(screen_row 4)" '^▌.*second' "and the cursor stays on its row"
incident low disk 'second raised' '{}' second >/dev/null
shown_wait 'second third first' "also where that is the one that comes up"
like "$(screen_row 2)" '^▌.*second' "the cursor goes with it"
keys 'V' 'j' 'a'
screen_wait 'acknowledged 2 events'
is "$(psql_do "SELECT string_agg(description, ', ' ORDER BY description) FROM nightbell.admin_system_events WHERE acknowledged_at IS NOT NULL")" \
    'second raised, third raised' "a range is of the rows that are seen"
keys 'o'
screen_wait 'as it is now'
keys 'sever<Enter>'
shown_wait 'first third second' "by severity, from the picker"
screen_shows 'sort:severity' "the filter line says it"
keys 'F'
screen_wait ' sort:severity '
screen_shows 'by severity' "to show everything leaves the order as it is"
keys ':' 'sort new<Enter>'
shown_wait 'third second first' "the newest first again"
screen_lacks 'sort:' "which needs no word"
keys ':' 'set events-sort severity<Enter>'
shown_wait 'first third second' "an option says it for lists whose filter does not"
screen_shows 'by severity' "the header says it too"
keys ':' 'filter sort:seen<Enter>'
shown_wait 'second third first' "a filter's own word comes first"

# ---- without a database the rows stay those of the old filter and order, and the header says so ----
server_stop immediate
screen_wait 'retry in'
keys ':' 'filter severity:high sort:severity<Enter>'
screen_shows '^ sort:seen .*by last seen +waiting: severity:high sort:severity ' "a new filter waits: the rows are still those of the old one"
is "$(shown)" 'second third first ' "as they are"
keys ':' 'filter severity:low<Enter>'
screen_shows '^ sort:seen .*by last seen +waiting: severity:low ' "another one waits in its place"
server_start
keys '<F5>'
screen_shows '^ severity:low ↓ by severity ─' "with the database it is there"
screen_lacks 'waiting:' "and waits no more"
screen_end
done_testing
