#!/bin/bash
# Snoozing: the time that is typed is shown before Enter; the row is hidden until that time, and comes back by itself.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/screen.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/console.sh"
. "$tests_lib/../console/rows.sh"
cluster_start

event=$(incident high quota_reached 'tenant acme at 98 % of 2,000,000')
minutes_left() { event_field "$event" "round(extract(epoch FROM snoozed_until - now()) / 60)"; }
in_minutes() { date -u -d "@$(($(date +%s) + $1 * 60))" +%H:%M; }
console_start bob 100x20
keys '2'
screen_wait 'quota_reached'

# -- a time that is typed
keys 'z'
screen_wait '│▌ 15 minutes +until .*, in 15m'
screen_shows "│  tomorrow +until ([A-Z][a-z]{2} )?09:00, in" "the short cuts say until when"
keys '5m'
# the clock may have gone on by a minute since
screen_shows "│▌? *5m +until ($(in_minutes 4)|$(in_minutes 5)), in 5m" "what is typed is shown as the time at which it ends"
screen_lacks '15 minutes' "and is not taken for a short cut in which it occurs"
keys '<Enter>'
screen_wait '^ snoozed #[0-9]+ [a-z_]+ until [0-9:]+ · u undo'
is "$(minutes_left)" 5 "5m is five minutes"
while read -r typed minutes; do
    keys 'z'
    screen_wait 'in 15m'
    keys "$typed<Enter>"
    screen_gone 'in 15m'
    ok "$typed is $minutes minutes" wait_for 10 eval "[ \$(minutes_left) = $minutes ]"
done <<'END'
2h 120
90m 90
1d 1440
30min 30
END
ends() { event_field "$event" "to_char(snoozed_until, 'Dy HH24:MI')"; }
ends_as() { [ "$(ends)" = "$1" ]; }
while IFS='|' read -r typed ends; do
    keys 'z'
    screen_wait 'in 15m'
    keys "$typed<Enter>"
    screen_gone 'in 15m'
    ok "$typed is $ends" wait_for 10 ends_as "$ends"
done <<END
monday|Mon 09:00
tue 14:30|Tue 14:30
next fri 8am|Fri 08:00
END
clock=$(date -u -d '-2 hours' +%H:%M) # a time that has passed today, except in the first two hours of the day
keys 'z'
screen_wait 'in 15m'
keys "$clock<Enter>"
screen_gone 'in 15m'
ok "a time of day is the next such" wait_for 10 eval "[ \$(event_field $event \"to_char(snoozed_until, 'HH24:MI')\") = $clock ]"
is "$(event_field "$event" 'snoozed_until > now()')" t "which is to come"

keys 'z'
screen_wait 'in 15m'
keys '5'
screen_shows 'not a time to come: "5"' "a number alone is no time, and no short cut"
keys '<Enter>'
screen_shows 'not a time to come: "5"' "Enter takes nothing then"
keys '<C-u>2020-01-01'
screen_shows 'not in the future: "2020-01-01"' "a time that is over"
keys '<C-u>tom'
screen_shows '│▌ tomorrow +until' "letters narrow the short cuts down"
keys '<Esc>'
screen_gone 'tomorrow'
keys 'z'
screen_wait 'in 15m'
keys 'none<Enter>'
screen_shows '^ ended the snooze of #[0-9]+ [a-z_]+ · u undo' "none ends a snooze"
is "$(event_field "$event" 'snoozed_until IS NULL')" t "in the database"
keys 'u'
screen_wait 'undid: ended the snooze of #[0-9]+ [a-z_]+'
is "$(event_field "$event" "to_char(snoozed_until, 'HH24:MI')")" "$clock" "and is undone"

# -- hidden until then. The list proves its rows 3 s after a change and every half a minute: 8 s are between these.
count() { person bob "$nightbell" events count "$1"; }
is "$(count is:open) $(count is:snoozed) $(count -is:open)" '0 1 1' "what is snoozed is not open"
keys 'f<Enter>'
screen_shows 'nothing is open: all events are resolved or snoozed' "it leaves the list when the filter is applied again"
screen_shows 'Events ◷1 ' "the tab counts it, so that it is not forgotten"
keys 'f<C-u>is:snoozed<Enter>'
screen_wait '▌ ● HIGH .* quota_reached .*◷ for'
keys 'z'
screen_wait 'in 15m'
keys '8s<Enter>'
screen_wait 'snoozed #[0-9]+ [a-z_]+'
keys 'f<C-u>is:open<Enter>'
screen_wait 'nothing is open'
screen_shows '▌ ● HIGH .* quota_reached .* nobody$' "when it ends the event comes back by itself"
screen_shows 'is:open ─.* 1 of 1$' "and is counted"
screen_lacks '◷' "as snoozed no more"
person bob "$nightbell" --quiet events snooze "$event" 8s
keys 'f<C-u>is:snoozed<Enter>'
screen_wait 'quota_reached .*◷ for'
screen_shows '^ is:snoozed ─.* 0 of 1$' "and is counted as snoozed no more, by itself"
screen_shows 'quota_reached .* nobody$' "its row stays where the cursor is, awake"

# -- a critical one rings
critical=$(incident critical job_failure 'nightly export failed')
screen_wait '▲ job_failure: nightly export failed'
bells=$(screen_bells)
person carol "$nightbell" --quiet events snooze "$critical" 6s
screen_wait 'Events ●1 ◷1 '
is "$(screen_bells)" "$bells" "a snooze rings nothing"
screen_shows '▲ awake again: job_failure: nightly export failed' "a critical one that wakes says so"
is "$(screen_bells)" $((bells + 1)) "and rings"
person carol "$nightbell" --quiet events snooze "$critical" 4s
screen_wait 'Events ●1 ◷1 '
server_stop
ended() { [ "$(date +%s)" -gt "$end" ]; }
end=$(($(date +%s) + 4))
screen_wait 'retry in|no database'
wait_for 10 ended
server_start
screen_wait 'live' 30
rung() { [ "$(screen_bells)" -gt $((bells + 1)) ]; }
wait_for 20 rung # the message of the first time may still be there
screen_shows '▲ awake again: job_failure' "also when it woke while there was no database"
is "$(screen_bells)" $((bells + 2)) "once"
console_quit "after snoozing"
done_testing
