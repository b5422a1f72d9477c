#!/bin/bash
# Why on the detail screen: what was decided about a notification and an event, in the very sentences of `nightbell why`, said
# to the reader; bounded, and there when the answer comes, never waited for.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
work() {
    "$builddir/nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once 2>"$test_dir/log" ||
        diag "$(cat "$test_dir/log")"
}
rule() { is "$(psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY[\$\$$1\$\$])")" '' "the rule $(jq -r .rule_id <<<"$1") is in"; }
# Every sentence of `nightbell why` for that person stands on the screen, in this order, and nothing else does.
says_the_same() { # NAME PERSON ID
    local said shown
    said=$(person "$2" "$nightbell" why "$3" | sed -E -e 's/^20[0-9-]+ [0-9:]+  (\w+) +/\1 /' -e 's/^ +//')
    [ -n "$said" ] || fail "$1" 'the command says nothing'
    shown=$(screen_text | perl -ne 's/ +$//; next unless $why ||= /^ why   /; last if /^$/;
        /^ (yes|no|later|note) +(.*)/ ? print "\n$1 $2" : /^ +(to change it: .*)/ ? print "\n$1" : /^ {7}([^ ].*)/ && print " $1"' | sed 1d)
    is "$shown" "$said" "$1"
}

psql_do "INSERT INTO nightbell.notification_types (type, module, description) VALUES ('WHY_NOTE', 'm', 'A note');
    INSERT INTO nightbell.preferences (tenant_id, user_id, channel, type, enabled) VALUES ('$ACME', '$CAROL', 'in_app', 'WHY_NOTE', false);"
rule '{"rule_id": "people", "event_type": "po_*", "recipient_type": "tenant", "notification_type": "WHY_NOTE", "channel": ["in_app"]}'
rule '{"rule_id": "large", "event_type": "po_*", "recipient_type": "tenant", "notification_type": "WHY_NOTE", "condition_expr": "$.amount > 100"}'
rule '{"rule_id": "alarm", "event_type": "job_failure", "recipient_type": "role", "recipient_value": "operator", "notification_type": "WHY_NOTE"}'
psql_do "SELECT nightbell.publish('$ACME', 'po_approved', 'm', '{\"amount\": 7}')" >/dev/null
work

# -- a notification, to her whom it is for
console_start -n ada ada 98x40
screen_wait 'WHY_NOTE'
keys '<Enter>'
screen_shows '^ why   [0-9:]{5}' "the detail says when it was decided"
row=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$ADA' AND type = 'WHY_NOTE'")
says_the_same "what she is told is what nightbell why tells her" ada "$row"
screen_lacks 'carol|the rule large' "she hears nothing of others, and of no rule that did not apply"
like "$(screen_attributes $(($(screen_text | grep -nE '^ yes ' | cut -d: -f1) - 1)))" '^1-6 fg=' \
    "the outcome has a colour"
keys 'q'
screen_gone '^ why '
screen_end

# -- an event, to an operator: before the worker and after it
event=$(incident high job_failure 'nightly export failed' '' nightly)
console_start -n bob bob 98x40
keys 2 '<Enter>'
screen_wait '^ fingerprint +nightly'
screen_lacks '^ why ' "before anything is decided there is no such section"
work
keys '<F5>'
screen_shows '^ why   ' "once it is decided it is there"
screen_shows '^ yes +it is in your inbox' "about himself as himself"
screen_shows '^ yes +it is in the inbox of olga, by the rule alarm' "about others by name"
says_the_same "what he is told is what nightbell why tells him" bob "$event"

# -- his notification of the published event: what was decided about everybody
keys 1
screen_wait 'WHY_NOTE'
keys 'G' '<Enter>'
screen_shows '^ no +carol does not want it by in_app' "an operator's notification tells of the others too"
screen_shows '^ no +the rule large did not apply: its condition was not met' "and which rule did not apply"

# -- narrow: wrapped under the sentence, not under the word
screen_resize 40x10
screen_wait '↓'
keys '<PageDown>' '<PageDown>' '<PageDown>'
screen_shows '^ {7}to change it: ' "at 40x10 it can be read"
screen_shows '^ {7}[a-z]' "and what does not fit stands under its sentence"
screen_resize 98x70
keys 'q'

# -- by its id, from any screen
keys ':prefs<Enter>'
screen_wait ' Preferences '
keys ":goto $event<Enter>"
screen_shows '^ yes +it is in your inbox' "goto opens an event by its number, and says why"
screen_lacks 'Preferences' "wherever one was"
keys 'q'
screen_shows "^ id:$event " "as the only row of its list"
row=$(psql_do "SELECT right(id::text, 12) FROM nightbell.notifications WHERE user_id = '$BOB' AND type = 'WHY_NOTE' ORDER BY id DESC LIMIT 1")
keys ":goto $row<Enter>"
screen_shows '^ why ' "a notification by the end of its id"
keys 'q'
screen_shows "^ id:$row " "in the inbox"
keys ':goto 99999<Enter>'
screen_shows 'id:99999' "what there is not is looked for"
screen_lacks '^ why ' "and nothing is opened"
keys '2' ':filter is:open<Enter>'
screen_shows 'nightly export failed' "another filter shows all again"

# -- bounded
psql_do "INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, user_id, channel, code)
    SELECT '$ACME', clock_timestamp(), 'event', '$event', u.id, 'email', 'no_address'
    FROM nightbell.users u, generate_series(1, 20) WHERE u.tenant_id = '$ACME' AND u.name IN ('ada', 'bob')"
keys 2 '<Enter>'
screen_shows "there is more: nightbell why $event" "of many decisions some are shown, and how to see all"
is "$(row_count '^ (yes|no|later|note) ')" 20 "twenty of them"
is "$(row_count '^ no +there is no address of yours for email')" 19 "his own go first: none of them is left out for another's"
keys q
console_quit "bob"
done_testing
