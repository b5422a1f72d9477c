#!/bin/bash
# Maintenance windows and heartbeats in the console: seen, made from an event, ended; paused and deleted; for operators only.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
admin() { env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" "$@"; }
# The names that start makes have the time and four digits.
screen_masks+=(-e 's/now-[0-9]{8}-[0-9]{6}-[0-9a-f]{4}/now-yyyymmdd-hhmmss-xxxx/g')

# -- windows: none, one made from the event under the cursor, seen by another operator
event=$(incident high job_failure 'nightly export failed' '' nightly)
console_start -n bob bob 120x24
keys 'g' 'w'
screen_shows 'no window: everybody is told of everything' "without a window it says so"
screen_shows '^ nightbell +1 Inbox +2 Events.* Windows ' "the screen stands beside the tabs, without a number"
keys 'q' '2' 'W'
screen_shows 'hold job_failure of tests' "a window is made from the event: its type and its source are there already"
keys '90m'
screen_shows '90m +until [0-9:]{5}, in 1h' "a time is typed as for a snooze"
keys '<Enter>'
screen_wait '^hold job_failure of tests until [0-9:]+, why:'
keys '<Enter>'
screen_shows 'a window says why' "it needs a reason"
keys 'upgrade of db1<Enter>'
screen_shows 'job_failure of tests held until [0-9:]+ · g w' "it is made, and the message says where it is seen"
is "$(psql_do "SELECT event_type, source, reason, created_by, ends - starts BETWEEN '89 minutes' AND '90 minutes', behaviour FROM nightbell.windows")" \
    'job_failure|tests|upgrade of db1|bob|t|notices' "in the database"
incident high job_failure 'weekly export failed' '' weekly >/dev/null
keys ':windows<Enter>'
screen_shows '⊘ holds +job_failure source:tests +till [0-9:]{5}, 1h +[12] upgrade of db1 +now-' "what holds, until when, how many it keeps from people, why"
screen_shows '1 window$' "and how many there are"
keys '<Enter>'
screen_wait '^ made by +bob'
screen_shows '^ matches +job_failure source:tests' "its detail says what it matches"
screen_shows '^ held +[12] event' "how many it holds"
keys 'q'

# -- others see it and end it; both screens agree
console_start -n carol carol 80x24
keys ':view windows<Enter>'
screen_wait '⊘ holds'
keys 'e'
screen_shows 'end now-[0-9]+-[0-9]+-[0-9a-f]+ now and for good\?' "ending asks: it cannot be undone"
keys 'n'
screen_gone 'for good'
is "$(psql_do "SELECT ended_at IS NULL FROM nightbell.windows")" t "no ends nothing"
keys 'e' 'y'
screen_shows 'is ended: people hear of what still burns' "yes ends it"
screen_shows '✓ ended +job_failure' "and the screen says so"
is "$(psql_do "SELECT ended_by FROM nightbell.windows")" carol "in the database"
keys 'e'
screen_shows 'is ended$|is ended ' "once"
screen_use bob
keys '<F5>'
screen_shows '✓ ended' "the other operator sees it ended"

# -- a window for what is typed, and the narrowing
keys 'a'
screen_wait '^hold which events'
keys 'db_*<Enter>'
screen_wait 'hold db_\*'
keys '2h<Enter>'
screen_wait 'why:'
keys 'patches<Enter>'
screen_shows 'db_\* held until' "a window for event types"
screen_wait '⊘ holds +db_\*'
keys '/' 'patch'
screen_shows '/patch +1 of 2 windows' "what is typed narrows it"
screen_lacks 'job_failure' "to the rows that have it"
keys '<Enter>' '<Esc>'
screen_shows 'job_failure' "and back shows all"
keys ':end-window n<Tab>'
screen_shows ':end-window now-[0-9]+-[0-9]+-[0-9a-f]+' "Tab names the one that can be ended"
keys '<Enter>'
screen_shows 'end now-[0-9]+-[0-9]+-[0-9a-f]+ now and for good\?' "by its name it is ended from any row"
keys 'n' ':end-window nothing<Enter>'
screen_shows 'there is no window nothing' "there must be one"
keys 'a' '<C-u>' 'a*b' '<Enter>' '1h<Enter>'
screen_wait 'why:'
keys 'x<Enter>'
screen_shows 'event_type: ' "what the database refuses is said"
keys '?'
screen_shows '^Windows' "help begins with its keys"
screen_shows 'e, x +end it +:end-window' "made from the keymap"
keys 'q'
screen_shows '⊘ holds +db_\*' "and help leads back to it"
keys 'q'
screen_shows 'is:open' "and it leads back to the tab it was opened from"

# -- heartbeats
admin heartbeats import - --tenant acme --yes >/dev/null <<'END'
{"heartbeat": "backup", "description": "The nightly backup", "starts": "2026-01-01T06:04", "rrule": "FREQ=DAILY", "time_zone": "Europe/Riga", "grace": "PT1H"}
{"heartbeat": "queue", "every": "PT10M"}
END
person app "$nightbell" heartbeat queue --instance w1 >/dev/null
person app "$nightbell" heartbeat queue --instance w2 --exit 3 --run-id 8f21 --output $'greylisted\ndisk full' >/dev/null
person app "$nightbell" heartbeat backup >/dev/null
psql_do "UPDATE nightbell.heartbeat_instances SET state = 'late' WHERE instance = 'w1'"
keys 'g' 'h'
screen_shows '✗ failed .*queue/w2 +[0-9:]{5} +failed +[0-9:]{5}, in ' "a heartbeat that failed comes first"
screen_shows '◌ late .*queue/w1' "then what is late: late is not down yet"
screen_shows '● up .*backup .*too early' "then what is well"
is "$(screen_text | grep -oE '(failed|late|up) .*(queue/w[12]|backup)' | sed -E 's/ .*//' | tr '\n' ' ')" 'failed late up ' "in this order"
keys '<Enter>'
screen_shows '^ output' "its output is evidence"
screen_shows '^ +disk full' "all of it"
screen_shows '^ exit status 3' "with the exit status"
keys 'J' 'J'
screen_shows '^ expected +[0-9-]+ 0[34]:04 UTC' "expected, in the console's zone as everything on the screen"
screen_shows '^ its clock +[0-9-]+ 06:04 Europe/Riga \(0[34]:04 UTC\)' "and, said to be so, in its own"
screen_shows '^ came +[0-9-]+ [0-9:]+ UTC' "beside what came"
screen_shows '^ its clock +[0-9-]+ [0-9:]+ Europe/Riga \([0-9:]+ UTC\)' "in both too"
screen_shows '^ down +at .* unless it reports' "and when it would be down"
keys 'q'
keys 'p'
screen_shows 'this needs an administrator' "who is no administrator pauses none, and is told"
keys ':pause ba<Tab>'
screen_shows ':pause backup' "Tab names heartbeats"
keys '<C-u>pause nothing<Enter>'
screen_shows 'there is no heartbeat nothing' "there must be one"
row=$(($(screen_text | grep -nE 'too early' | cut -d : -f 1) - 1))
for _ in 1 2; do
    mouse p 1 $row 10
    mouse r 1 $row 10
done
screen_shows '^ its clock .*Europe/Riga' "a double click on a row opens it"
screen_shows '^ *backup|^▌.*backup' "that one"
keys 'q'
screen_resize 40x10
screen_shows 'failed +queue/w2' "at 40x10 it can be read"
screen_shows ' Heartbeats ' "and one sees where one is"
screen_end

# -- all times of a screen are in the console's zone, wherever the window's or the heartbeat's own clock is
began=$(date -d '1 hour ago' +%s) ends=$(date -d '3 hours' +%s)
in_zone() { TZ=$1 date -d "@$2" "+$3"; }
admin windows import - --tenant acme --yes >/dev/null <<END || bail_out "no window is imported"
{"window": "elsewhere", "behaviour": "notices", "event_type": "nothing_*", "time_zone": "Asia/Tokyo", "starts": "$(in_zone Asia/Tokyo "$began" %FT%R)", "ends": "$(in_zone Asia/Tokyo "$ends" %FT%R)", "reason": "far away"}
END
export TZ=America/New_York
console_start -n abroad bob 100x30
keys ':windows<Enter>' '/' 'elsewhere' '<Enter>' '<Enter>'
screen_shows "^ ends +(... )?$(in_zone "$TZ" "$ends" %R) E[SD]T, in " "a window's end"
screen_shows "^ began +(.* )?$(in_zone "$TZ" "$began" %R) *\$" "its beginning"
screen_shows "^ its clock +began $(in_zone Asia/Tokyo "$began" '%a %F %R') Asia/Tokyo" "its own clock is said to be that"
keys 'q' ':heartbeats<Enter>' '/' 'backup' '<Enter>' '<Enter>'
screen_shows '^ expected +[0-9-]+ (23:04 EST|00:04 EDT)' "a heartbeat"
screen_shows '^ its clock +[0-9-]+ 06:04 Europe/Riga' "and its clock"
screen_end
unset TZ

# -- an operator of all tenants is told to name one tenant, not to get more roles
console_start -n everywhere olga 120x24
keys ':windows<Enter>'
screen_shows 'there are several tenants' "without a tenant there are no windows to be shown"
screen_shows 'Name one with --tenant' "and the screen says what to do"
keys 'q' ':heartbeats<Enter>'
screen_shows 'there are several tenants' "nor heartbeats"
screen_end

console_start -n olga olga 100x24 --tenant acme
keys ':heartbeats<Enter>'
screen_wait 'queue/w2'
keys '/' 'backup' '<Enter>' 'p'
screen_shows 'backup is paused' "an administrator pauses it"
screen_shows 'paused .*backup' "which is seen"
is "$(psql_do "SELECT is_active FROM nightbell.heartbeats WHERE heartbeat_id = 'backup'")" f "in the database"
keys 'p'
screen_shows 'backup is expected again' "and lets it go on"
is "$(psql_do "SELECT is_active FROM nightbell.heartbeats WHERE heartbeat_id = 'backup'")" t "in the database"
keys 'd'
screen_wait 'delete backup with all its instances\?'
keys 'y'
screen_shows 'backup is deleted' "and deletes it"
is "$(psql_do "SELECT count(*) FROM nightbell.heartbeats WHERE heartbeat_id = 'backup'")" 0 "in the database"
screen_end

# -- a person who is no operator
console_start -n ada ada 80x24
keys 'g' 'w'
screen_shows 'maintenance windows are for operators' "a person without the role is told, and sees nothing"
keys ':view heartbeats<Enter>'
screen_shows 'heartbeats are for operators' "nor heartbeats"
console_quit "ada"
done_testing
