#!/bin/bash
# The Deliveries: what operators see of what leaves by outside channels, from a phone's width to a wide screen.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/lib/deliveries.sh"
cluster_start
deliveries_seed

console_start -n bob bob 110x40
keys 3
screen_shows '3 Deliveries ✗2' "the tab says how many have failed"
screen_resize 100x40
keys g h
screen_shows ' 3 Deliveries ✗2 +Heartbeats +bob@acme +● live' "until when one is known goes before a tab is cut"
keys q
screen_resize 110x40
screen_shows 'bob@acme +until [0-9:]+ +● live' "and is there where there is room"
screen_shows 'row 1 of 17' "all of the tenant"
screen_shows '○ queued +1m email +carol +BOOKING_CREATED' "the newest first"
screen_shows '✗ failed +2h email +ada +INVOICE_DUE +.* 4/4 550 5.1.1' "what failed says why"
screen_shows '○ queued +40m webhook +you .*2/4 again in [0-9]+m: 502' "what is tried again says when"
screen_shows '◷ held +20m sms .*quiet hours until' "what waits says for what"
keys '!'
screen_shows 'is:dead' "a key shows what failed"
screen_gone 'BOOKING_CREATED'
keys F s h
screen_shows 'status:held' "a state"
screen_gone '✗ failed'
keys s q
screen_shows 'status:held,queued' "and another one"
keys c w
screen_shows 'channel:webhook' "and a channel"
screen_gone '◷ held'
keys c w s h s q
screen_shows 'row [0-9]+ of 17' "each taken out again"
keys f 'error:user' '<Enter>'
screen_shows '1 of 17|row 1 · 1 of 17' "a word of the error"
keys '<Enter>'
screen_shows 'email to ada +✗ failed +INVOICE_DUE' "the detail"
screen_shows 'smtp try 1: not now: 451 4.7.1 greylisted, to p…@acme.example, after 160 ms' "each try"
screen_shows 'fell back: to sms [0-9a-f]{8}, failed' "what it fell back to"
screen_lacks 'the text of|private@' "not what it says: it is ada's"
keys j j j j j j j j j j
screen_shows 'it could not be sent to ada by email: 550 5.1.1' "what was decided, as a sentence"
keys q F f 'type:report*' '<Enter>' '<Enter>'
screen_shows 'the text of your report' "one's own has its text"
screen_shows 'address +private@acme.example' "and its address"
keys q F
screen_wait 'row [0-9]+ of 17'
screen_resize 40x10
screen_shows '⊘ cancelled +30m email' "on a phone: state, age and channel"
screen_shows 'held +15m email +the d' "and why"
screen_resize 200x50
screen_shows 'invoice|INVOICE_DUE +smtp +4/4 550 5.1.1 <ada@acme.example>: user unknown' "a wide screen has all of it"
screen_resize 110x40

# -- acts
keys '!'
screen_wait '2 of 17'
keys r
screen_shows 'queued sms to ada again' "the newest dead letter goes again"
is "$(psql_do "SELECT status FROM nightbell.deliveries WHERE subject = 'dead sms'")" queued "in the database"
screen_shows '3 Deliveries ✗1' "the tab says so"
keys u
screen_shows 'queued sms to ada again: that is not undone · x cancels what has not left yet' "that is not undone, as it says"
keys u
screen_shows 'nothing to undo' "what was done before is next"
keys F
screen_wait 'row [0-9]+ of 17'
keys R
screen_shows 'more than dead letters' "all are sent again only where the list shows nothing else"
keys '!'
screen_wait 'of 17'
keys R
screen_shows 'retry email to ada' "which asks"
keys y
screen_shows 'queued 1 delivery again|queued email to ada again' "and says what it did"
screen_shows '3 Deliveries +' "no dead letter is left"
keys F f 'rule:bookings is:waiting channel:sms' '<Enter>'
screen_wait '◷ held'
keys x
screen_shows 'cancel sms to carol' "cancelling asks: it cannot be undone"
keys n
is "$(psql_do "SELECT status FROM nightbell.deliveries WHERE subject = 'tonight'")" held "no is no"
keys x y
screen_shows 'cancelled sms to carol' "yes is yes"
is "$(psql_do "SELECT status FROM nightbell.deliveries WHERE subject = 'tonight'")" cancelled "in the database"
keys x
screen_wait 'cancel sms to carol'
keys y
screen_shows 'not cancelled: it is cancelled' "a refusal says why"

# -- live: somebody else's act, without a key
keys F f 'user:bob channel:webhook' '<Enter>'
screen_wait '○ queued'
person carol "$nightbell" deliveries cancel "$(delivery_id 'order 4711')" >"$test_dir/null"
screen_shows '⊘ cancelled +40m webhook' "what another operator cancels is seen at once"
keys F

# -- what came of an event, on its own detail
event=$(psql_do "SELECT nightbell.raise_event('link_down', 'high', 'the uplink is down', tenant => '$ACME', fingerprint => 'uplink')")
psql_do "INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, code) VALUES ('$ACME', now(), 'event', '$event', 4242, 'matched');
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, code)
    SELECT tenant_id, now(), 'delivery', id::text, 4242, user_id, channel, 'queued' FROM nightbell.deliveries WHERE subject IN ('dead mail', 'dead sms', 'last way', 'your report');
    INSERT INTO nightbell.delivery_receipts (tenant_id, user_id, delivery_id, at, status, code, detail, change)
    SELECT tenant_id, user_id, id, now(), 'delivered', NULL, NULL, 'history' FROM nightbell.deliveries WHERE subject = 'last way'"
keys 2
screen_wait 'link_down'
keys '/uplink' '<Enter>' '<Enter>'
screen_shows '^ deliveries' "the deliveries have a part of their own"
screen_shows 'email to ada: 550 5.1.1 .*again at|email to ada: queued' "what is sent again"
screen_shows 'smtp try 2: not now: 451 4.7.1 greylisted, after' "each try, where there were several"
screen_shows 'sms to ada, instead of email: ' "what took the place of what failed"
screen_shows 'webpush receipt: delivered, which changes nothing' "and receipts"
screen_shows 'email to bob: read' "one that has arrived, in a line"
person bob "$nightbell" deliveries cancel "$(delivery_id 'dead mail')" >"$test_dir/null"
screen_shows 'email to ada: cancelled' "what becomes of one is seen at once"
keys q 3
screen_wait 'row [0-9]+ of 17'

# -- hostile
psql_do "SET session_replication_role = replica; UPDATE nightbell.deliveries SET error = E'evil\\x1b[31m\\u202e' WHERE subject = 'dead mail'"
keys f 'error:evil' '<Enter>'
screen_wait '1 of 17'
screen_shows 'evil␛\[31m' "an error that came from outside"
not_ok "its escape sequence does not" grep -q $'evil\x1b\\[31m' "$(screen_raw)"
console_quit "the console"

console_start -n ada ada 100x20
keys 3
screen_shows 'deliveries are for operators' "who is no operator is told so"
console_quit "ada's"
console_start -n olga olga 140x24
keys 3
screen_shows 'globex' "a global operator sees whose they are"
console_quit "olga's"
done_testing
