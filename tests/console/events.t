#!/bin/bash
# The Events: what operators see and do, what somebody else did first, and what a person without the role does not see.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

low=$(incident low login_new_device 'emilie signed in from a new device')
high=$(incident high quota_reached 'tenant acme at 98 % of 2,000,000')
incident medium slow_query 'bookings list takes 4.1 s' >/dev/null
crit=$(incident critical job_failure 'nightly export failed' '{"job": "export-nightly", "exit": 137, "hosts": ["worker-2"]}' nightly)
incident critical job_failure 'nightly export failed' '{"job": "export-nightly"}' nightly >/dev/null

console_start -n bob bob 100x14
keys '2'
screen_is "the open events, newest first" <<'END'
 nightbell   1 Inbox   2 Events ▲1 ●1   3 Deliveries           bob@acme  until hh:mm  ● live  hh:mm
 is:open ─────────────────────────────────────────────────────────────────────────── row 1 · 4 of 4
▌ ▲ CRIT  ##s job_failure          nightly export failed                             ×2 nobody
  ◆ MED   ##s slow_query           bookings list takes 4.1 s                            nobody
  ● HIGH  ##s quota_reached        tenant acme at 98 % of 2,000,000                     nobody
  ○ LOW   ##s login_new_device     emilie signed in from a new device                   nobody






 r resolve  R with a note  a ack  A take it  z snooze  m note  . only open  <Enter> open  ? help
END

keys 'a'
screen_wait 'acknowledged #[0-9]+ [a-z_]+'
screen_shows '×2 ack you' "acknowledge"
is "$(event_field "$crit" acknowledged_by)" "$BOB" "in the database"
keys 'u'
screen_wait 'undid: acknowledged'
is "$(event_field "$crit" 'acknowledged_by IS NULL')" t "undone"
keys 'A'
screen_wait '×2 → you'
is "$(event_field "$crit" assigned_to)" "$BOB" "assigned to me"
keys 'u'
screen_wait 'undid: assigned'
keys '<M-a>'
screen_wait 'carol@acme.example'
keys 'car<Enter>'
screen_wait 'assigned #[0-9]+ [a-z_]+ to carol'
screen_shows '×2 → carol' "assigned to a person, picked by a few letters"
is "$(event_field "$crit" assigned_to)" "$CAROL" "in the database"
keys 'u'
screen_wait 'undid: assigned'
keys ':' 'assign car' '<Enter>'
screen_shows 'nobody here is called exactly "car"; similar: carol' "a name that is typed means nobody else"
is "$(event_field "$crit" 'assigned_to IS NULL')" t "so nobody has it"
keys 'z'
screen_wait '4 hours'
keys '<Enter>'
screen_wait 'snoozed #[0-9]+ [a-z_]+ until'
screen_shows '◷ for 1[45]m' "snoozed for fifteen minutes by a preset"
keys 'u'
screen_wait 'undid: snoozed'
keys ':snooze 2h<Enter>'
screen_shows '◷ for (2|1)h' "snoozed for a typed time"
keys ':snooze yesterday<Enter>'
screen_shows 'snooze|time|expected' "a time that makes no sense is refused"
keys 'u'
screen_wait 'undid: snoozed'
keys 'm'
screen_wait '^note on #[0-9]+ [a-z_]+:'
keys 'looked at the logs<Enter>'
screen_wait 'added a note to #[0-9]+ [a-z_]+'
is "$(psql_do "SELECT note FROM nightbell.event_actions WHERE event_id = $crit AND action = 'note'")" 'looked at the logs' \
    "a note goes into the history"
keys 'R'
screen_wait '^resolve #[0-9]+ [a-z_]+, note:'
keys 'restarted worker-2<Enter>'
screen_wait 'resolved #[0-9]+ [a-z_]+ · u undo'
is "$(event_field "$crit" resolution)" 'restarted worker-2' "resolved with a note"
screen_shows '^▌ ▲ CRIT .*job_failure .* ✓ you' "a resolved row stays in its place"
screen_shows '^ is:open .* 3 of 4$' "though it is not counted any more"
screen_shows 'Events ●1 ' "nor in the tab"
keys 'O'
screen_shows 'reopened #[0-9]+ [a-z_]+' "reopen"
is "$(event_field "$crit" is_resolved)" f "in the database"

screen_resize 150x24
screen_wait 'history'
screen_is "side by side, with details and history" <<'END'
 nightbell   1 Inbox   2 Events ▲1 ●1   3 Deliveries                                                             bob@acme  until hh:mm  ● live  hh:mm
 is:open ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── row 1 · 4 of 4
▌ ▲ CRIT  ##s job_failure          nightly export failed                                 ×2 nobody      │ job_failure   ▲ critical   nobody has it
  ◆ MED   ##s slow_query           bookings list takes 4.1 s                                nobody      │ raised hh:mm UTC by tests, ×2, last hh:mm
  ● HIGH  ##s quota_reached        tenant acme at 98 % of 2,000,000                         nobody      │
  ○ LOW   ##s login_new_device     emilie signed in from a new device                       nobody      │ nightly export failed
                                                                                                        │
                                                                                                        │ tenant      acme
                                                                                                        │ fingerprint nightly
                                                                                                        │ id          4
                                                                                                        │
                                                                                                        │ history
                                                                                                        │  hh:mm bob acknowledged
                                                                                                        │  hh:mm bob undid: acknowledge
                                                                                                        │  hh:mm bob assigned: to bob
                                                                                                        │  hh:mm bob undid: assign
                                                                                                        │  hh:mm bob assigned: to carol
                                                                                                        │  hh:mm bob undid: assign
                                                                                                        │  hh:mm bob snoozed: until hh:mm
                                                                                                        │  hh:mm bob undid: snooze
                                                                                                        │  hh:mm bob snoozed: until hh:mm
                                                                                                        │  hh:mm bob undid: snooze                   ↓
 (hints)
 reopened #4 job_failure · u undo
END
like "$(screen_attributes 2)" '120-129 bold fg=15 bg=1' "glyph and word of a severity are one filled chip"
keys '1'
screen_wait 'nothing has come yet'
like "$(screen_attributes 0)" '32-33 bold fg=15 bg=1' "the count of critical ones in the tab is filled, the blank before it is not"
keys '2'
screen_wait 'nightly export failed'

screen_resize 100x14
keys '*' 'r'
screen_shows 'resolve 4 events: #[0-9]+ [a-z_]+, #[0-9]+ [a-z_]+, #[0-9]+ [a-z_]+ …\? \(y/n\)' "all that match: asks, and names them"
keys 'n' '-' '<Space>' '<Space>' 'r'
screen_shows 'resolved 2 events' "two marked ones"
keys 'u'
screen_shows 'undid: resolved 2 events' "undone together"
keys '*' 'r'
screen_wait 'resolve 4 events'
keys 'y'
screen_shows 'resolved 4 events' "all of them"
is "$(psql_do 'SELECT count(*) FROM nightbell.admin_system_events WHERE NOT is_resolved')" 0 "in the database"
keys 'u'
screen_wait 'undid: resolved 4 events'
is "$(psql_do 'SELECT count(*) FROM nightbell.admin_system_events WHERE is_resolved')" 0 "undone"
keys '<C-r>'
screen_wait 'resolved 4 events'
keys 'u'
screen_shows 'undid: resolved 4 events' "redone, and undone again"

keys 's' 'c'
screen_shows '^ is:open severity:critical .* 1 of 4$' "a severity toggle edits the filter line"
keys 's' 'h'
screen_shows '^ is:open severity:(high,critical|critical,high) .* 2 of 4$' "a second one joins it"
keys 's' 'c' 's' 'h'
screen_shows '^ is:open ─.* 4 of 4$' "and off again"
keys 'g' 'g' # the cursor is on a row that every filter showed; which one depends on how fast they were answered
keys 'f' 'sev:high<Enter>'
screen_wait 'unknown word'
screen_is "a filter that is wrong: the error points at its column" <<'END'
 nightbell   1 Inbox   2 Events ▲1 ●1   3 Deliveries           bob@acme  until hh:mm  ● live  hh:mm
 is:open ─────────────────────────────────────────────────────────────────────────── row 1 · 4 of 4
▌ ▲ CRIT  ##s job_failure          nightly export failed                             ×2 nobody
  ◆ MED   ##s slow_query           bookings list takes 4.1 s                            nobody
  ● HIGH  ##s quota_reached        tenant acme at 98 % of 2,000,000                     nobody
  ○ LOW   ##s login_new_device     emilie signed in from a new device                   nobody





 <Enter> done  <Tab> complete  <Up> earlier ones  <Esc> cancel
                ↓ filter, column 9: unknown word "sev": possible are is: severity: type: source: te…
filter: is:open sev:high
END
keys '<Esc>'
screen_gone 'unknown word'
keys '!'
screen_shows '^ (is:open severity>=high|severity>=high is:open) .* 2 of 4$' "what burns"
keys ':filter type:nothing_such<Enter>'
screen_wait 'no event matches'
screen_is "no match: the filter that hides the rows, and the way out" <<'END'
 nightbell   1 Inbox   2 Events ▲1 ●1   3 Deliveries           bob@acme  until hh:mm  ● live  hh:mm
 type:nothing_such ───────────────────────────────────────────────────────────────────────── 0 of 4



                                no event matches  type:nothing_such

                                         F  show everything
                                         f  edit the filter



 . only open  f filter  F show all  v saved views  u undo  <C-r> redo  p freeze  ^ newest  ? help
END
keys 'F'
screen_shows '^ all ─.* 4$' "the way out"

# Two operators: the first wins, the second is told who and when.
console_start -n carol carol 100x14
keys '2'
screen_wait 'nightly export failed'
screen_use bob
keys 'g' 'g' 'r'
screen_wait 'resolved #[0-9]+ [a-z_]+'
screen_use carol
screen_shows '^▌ ▲ CRIT .*job_failure .* ✓ bob' "what one resolves the other sees, with who did it, in its place"
keys 'r'
screen_shows 'not resolved: .*resolved by bob' "and cannot resolve it again"
is "$(event_field "$crit" resolved_by)" "$BOB" "nothing was overwritten"
screen_shows '^▌ ▲ CRIT .*job_failure .* ✓ bob' "the row rolls back to what it is"

# The race: frozen, the second one still sees it open.
keys 'j' 'p'
screen_wait 'frozen'
screen_use bob
keys 'j' 'r'
screen_wait '^▌ ◆ MED .* ✓ you'
are_resolved() { [ "$(psql_do "SELECT count(*) FROM nightbell.admin_system_events WHERE is_resolved")" = "$1" ]; }
wait_for 10 are_resolved 2 || diag "the other's act has not reached the database"
screen_use carol
keys 'r'
screen_shows 'not resolved: .*resolved by bob' "acting on what one still sees open: the loser is told"
keys 'p' 'q'

console_start -n ada ada 100x14
screen_lacks 'Events' "a person without the role sees no events tab"
keys '2'
screen_shows 'system events are for operators' "and cannot go there"

console_start -n mallory mallory 100x14
keys '2'
screen_shows 'no event has been raised yet' "another tenant's operator sees nothing of it"

# ---- all times are in the reader's zone, which is said once ----
far=$(incident low backup_late 'the backup of January is late')
person carol "$nightbell" --quiet events snooze "$far" 2030-01-05 14:30
TZ=Asia/Kolkata console_start -n delhi bob 150x30
keys '2' ':filter ' '<C-u>' 'filter is:snoozed' '<Enter>'
raised=$(TZ=Asia/Kolkata date -d "$(event_field "$far" created_at)" +%H:%M)
screen_shows "raised $raised IST by tests" "an event's time is in the reader's zone, and says which that is"
screen_shows 'snoozed +until Sat 5 Jan 2030 20:00' "so is the end of its snooze"
screen_shows 'carol snoozed: until Sat 5 Jan' "so is a time in a text of the history"
done_testing
