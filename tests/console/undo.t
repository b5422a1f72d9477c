#!/bin/bash
# Undo and redo of events: a stack of the person's own acts, and what is said when somebody else has acted in between.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

two=$(incident high quota_reached 'tenant acme at 98 %')
one=$(incident critical job_failure 'nightly export failed')
state_of() {
    event_field "$1" "concat_ws(' ', CASE WHEN acknowledged_at IS NOT NULL THEN 'acked' END, CASE WHEN assigned_to IS NOT NULL
        THEN 'assigned' END, CASE WHEN is_resolved THEN 'resolved: ' || coalesce(resolution, '') END)"
}

console_start -n bob bob 110x16
keys '2'
screen_wait '^▌ ▲ CRIT'

# three acts on one event, undone one after the other, and done again
keys 'a'
screen_wait '^ acknowledged'
keys 'A'
screen_wait '^ assigned'
keys 'R' 'restarted<Enter>'
screen_wait '^ resolved'
is "$(state_of "$one")" 'acked assigned resolved: restarted' "three acts on one event"
acked_at=$(event_field "$one" acknowledged_at)
keys 'u'
screen_wait '^ undid: resolved'
is "$(state_of "$one")" 'acked assigned' "the first undo takes the last act back"
keys 'u'
screen_shows '^ undid: assigned' "the second one the act before"
is "$(state_of "$one")" 'acked' "in the database too"
keys 'u'
screen_shows '^ undid: acknowledged' "and the third one the first act"
is "$(state_of "$one")" '' "back to where it began"
keys 'u'
screen_shows '^ nothing to undo' "below which there is nothing"
keys '<C-r>'
screen_wait '^ acknowledged'
keys '<C-r>'
screen_wait '^ assigned'
keys '<C-r>'
screen_shows '^ resolved' "all of it again"
is "$(state_of "$one") $(event_field "$one" acknowledged_at)" "acked assigned resolved: restarted $acked_at" "as it was, times and notes included"
keys '<C-r>'
screen_shows '^ nothing to do again' "and no more"
keys '0' '2' 'u' 'u'
screen_shows '^ undid: acknowledged' "undone again, two of them with one key"
is "$(state_of "$one")" '' "all three of them"
is "$(psql_do "SELECT string_agg(action || coalesce(':' || note, ''), ' ' ORDER BY id) FROM (
    SELECT id, action, note FROM nightbell.event_actions WHERE event_id = $one AND version > 6 ORDER BY id LIMIT 6) h")" \
    'redo:acknowledge redo:assign redo:resolve undo:resolve undo:assign undo:acknowledge' "the history names each"

# a note cannot be undone
keys 'a'
screen_wait '^ acknowledged'
keys 'm' 'called the vendor<Enter>'
screen_wait '^ added a note to'
unlike "$(screen_text)" 'undo$' "a note offers no undo"
keys 'u'
screen_shows '^ undid: acknowledged' "the undo after it is that of the act before"
is "$(event_field "$one" acknowledged_at)" '' "which is undone"

# somebody else acts in between
keys 'a'
screen_wait '^ acknowledged'
keys 'R' 'fixed<Enter>'
screen_wait '^ resolved'
keys 'u'
screen_wait '^ undid: resolved'
keys 'j'
screen_wait '^▌ ● HIGH'
keys 'a'
screen_wait '^ acknowledged'
NIGHTBELL_TOKEN_FILE=$(token_file carol) "$nightbell" --dsn "$cluster_dsn" events assign "$one" carol >"$test_dir/assigned" 2>&1
is "$(cat "$test_dir/assigned")" '1 event assigned' "carol takes the first event"
screen_wait 'CRIT.*→ carol'
keys 'u'
screen_wait '^ undid: acknowledged'
is "$(state_of "$two")" '' "what nobody touched is undone"
keys 'u'
screen_shows '^ .*not undone: changed since \(assign\) by carol at .*[0-9][0-9]:[0-9][0-9]' "what somebody else changed is not: by whom and when is said"
is "$(state_of "$one")" 'acked assigned' "and stays"
keys '<C-r>'
screen_wait '^ acknowledged'
is "$(state_of "$two")" 'acked' "a redo of another event goes on"
keys 'u'
screen_wait '^ undid: acknowledged'
NIGHTBELL_TOKEN_FILE=$(token_file carol) "$nightbell" --dsn "$cluster_dsn" events assign "$two" carol >/dev/null
screen_wait 'HIGH.*→ carol'
keys '<C-r>'
screen_shows '^ .*not acknowledged: changed since \(assign\) by carol' "what she changed meanwhile is not done again"
is "$(state_of "$two")" 'assigned' "and stays"
console_quit "the end"
done_testing
