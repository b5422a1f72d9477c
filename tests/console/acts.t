#!/bin/bash
# Acts: counts typed before them, what messages and questions call their rows, and the option advance.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

for i in {01..12}; do send "$ADA" "letter $i" >/dev/null; done
for i in {1..8}; do incident high slow_query "query $i" >/dev/null; done
of_ada() { psql_do "SELECT coalesce(string_agg(right(title, 2), ' ' ORDER BY title), '') FROM nightbell.notifications WHERE user_id = '$ADA' AND $1"; }
of_events() { psql_do "SELECT coalesce(string_agg(right(description, 1), ' ' ORDER BY description), '') FROM nightbell.admin_system_events WHERE $1"; }

console_start -n ada ada 100x24
screen_wait '^▌.*letter 12'

# one row is named
keys 'a'
screen_shows '^ archived "letter 12" · u undo$' "a notification is named by its title"
keys 'u'
screen_shows '^ undid: archived "letter 12"' "in the undo too"

# counts
keys '5' 'd'
screen_shows '^ deleted 5 notifications · u undo$' "5 d deletes five"
is "$(of_ada 'deleted_at IS NOT NULL')" '08 09 10 11 12' "those from the cursor on"
keys 'u'
screen_wait '^ undid: deleted 5 notifications'
is "$(of_ada 'deleted_at IS NOT NULL')" '' "undone as one"
keys 'g' 'g' 'j' '0' '3' 'r'
screen_shows '^ marked 3 notifications read · u undo$' "3 r marks three"
is "$(of_ada 'read_at IS NOT NULL')" '09 10 11' "from the row below the first on"
keys 'u'
screen_wait '^ undid: marked 3'
keys 'g' 'g' '5' '0' 'a'
screen_shows '^ archived 12 notifications' "more than there are: those that there are"
keys 'u'
screen_wait '^ undid: archived 12'
keys 'g' 'g' '<Space>' '5' 'd'
screen_shows '^ a count and marks do not go together: take away one of them$' "a count beside marks is asked back"
is "$(of_ada 'deleted_at IS NOT NULL')" '' "nothing is deleted"
keys '-'
screen_gone 'marked'
keys '<Enter>'
screen_wait '^ q back'
keys '5' 'd'
screen_shows '^ a count means rows of the list: close the detail first$' "nor where only one row is to be seen"
is "$(of_ada 'deleted_at IS NOT NULL')" '' "nothing is deleted"
keys 'q'
screen_wait '^▌.*letter 11'
psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'SYSTEM_EVENT', 'many ' || lpad(i::text, 4, '0'), 'x', '{\"eventId\": 1, \"severity\": \"high\"}')
    FROM generate_series(1, 1500) i" >/dev/null
screen_wait '1,512'
keys 'g' 'g'
screen_wait '^▌.*many 1500'
keys '0' '1' '2' '0' '0' 'd'
screen_shows 'delete 1,200 notifications: "many 1500", "many 1499", "many 1498" …\? \(y/n\)' "a large count asks with its number and names the first"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications WHERE deleted_at IS NOT NULL')" 0 "before anything is deleted"
keys 'y'
screen_shows '^ deleted 1,200 notifications' "and then deletes as many"
screen_shows '^▌.*many 0300' "the cursor is on what comes after them"
is "$(psql_do "SELECT count(*) FILTER (WHERE deleted_at IS NOT NULL) || ' ' || max(title) FILTER (WHERE deleted_at IS NULL)
    FROM nightbell.notifications WHERE title LIKE 'many%'")" '1200 many 0300' "those from the cursor on, far beyond what was loaded"
console_quit "the inbox"

# events: names in questions
console_start -n bob bob 100x24
keys '2'
screen_wait '^▌.*query 8'
keys '0' '3' 'a'
screen_shows '^ acknowledged 3 events · u undo$' "3 a acknowledges three"
is "$(of_events 'acknowledged_at IS NOT NULL')" '6 7 8' "from the cursor on"
keys 'm'
screen_shows '^note on #8 slow_query:$' "a prompt names its event"
keys '<C-c>'
screen_gone '^note on'
keys '4' 'R'
screen_shows '^resolve 4 events, note:$' "or how many they are"
keys 'all at once<Enter>'
screen_shows '^ resolved 4 events' "which are resolved with one note"
is "$(of_events "resolution = 'all at once'")" '5 6 7 8' "all four"
keys 'u'
screen_wait '^ undid: resolved 4'
keys '<M-a>'
screen_shows ' assign #8 slow_query to ' "the picker of people names it"
keys '<C-c>'
screen_gone 'assign #8'
keys 'z'
screen_shows ' snooze #8 slow_query ' "and so does that of times"
keys '<C-c>'
screen_gone 'snooze #8'
keys 'r'
screen_shows '^ resolved #8 slow_query · u undo' "a message names its event"
NIGHTBELL_TOKEN_FILE=$(token_file carol) "$nightbell" --dsn "$cluster_dsn" events resolve 7 >/dev/null
screen_wait 'slow_query.*query 7.* carol'
keys 'j' 'r'
screen_shows '^ #7 slow_query not resolved: resolved by carol' "and so does a refusal"
keys 'k' 'u'
screen_wait '^ undid: resolved #8'

# advance
keys 'a'
screen_wait '^ .*acknowledge'
screen_shows '^▌.*query 8' "an act leaves the cursor where it is"
keys ':set advance on<Enter>' 'g' 'g'
keys 'A' 'A' 'A'
screen_shows '^▌.*query [45]' "with advance it moves on"
screen_wait '^ .*assigned #6 slow_query to bob|^ .*#6 slow_query'
is "$(of_events 'assigned_to IS NOT NULL')" '6 8' "each act on the next row, and not on one that is resolved"
keys 'g' 'g' 'R' 'done<Enter>'
screen_wait '^ resolved #8'
screen_shows '^▌.*query 7' "after a prompt too"
keys 'g' 'g' '<Space>' '<Space>'
screen_wait '2 marked'
keys 'g' 'g' 'O'
screen_wait '^ reopened'
screen_shows '^▌.*query 8' "marked rows move nothing"
keys 'G'
screen_wait '^▌.*query 1'
keys 'a'
screen_wait '^ acknowledged #1 '
screen_shows '^▌.*query 1' "the last row stays"
keys 'g' 'g' '<Enter>'
screen_wait '^ q back'
screen_wait ' query 8'
keys 'm' 'seen<Enter>'
screen_wait '^ added a note to #8 '
screen_shows '^ query 7$' "an open detail goes on to the next one"
keys 'q'
screen_wait '^▌.*query 7'
console_quit "the events"

console_start -n ada ada 100x24
keys ':set advance on<Enter>'
screen_wait '^▌.*many 0300'
keys 'd' 'd' 'd'
screen_wait '^ deleted "many 0298"'
screen_shows '^▌.*many 0297' "d d d deletes three, one after the other"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE deleted_at IS NOT NULL")" 1203 "three and no more"
keys ':help advance<Enter>'
screen_shows '^ +advance +go to the next row after an act' "the help names the option"
keys 'q'
console_quit "the end"
done_testing
