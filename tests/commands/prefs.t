#!/bin/bash
# `nightbell prefs`: what a person wants to hear, as people type it; what is wrong is named; and what the worker does then.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
prefs() { run person "$1" "$nightbell" prefs "${@:2}"; }
said() { grep -vE $'\t|^TYPE' <<<"$out"; }

prefs ada
is_status 0 'prefs alone shows them'
is "$(said)" 'quiet=off
quiet-days=off
digest=off
dnd=off
zone=default
locale=default' 'who has said nothing'
is "$(grep '^TEST_NOTE' <<<"$out")" $'TEST_NOTE\ton\ton\ton\ton\ton' 'gets everything'
like "$out" $'BILLING_RENEWAL_FAILED\talways\ton' 'and sees what cannot be switched off' || diag "$out"

prefs ada set email=off TEST_NOTE.email=on module:booking.sms=OFF inbox=on quiet=22-7:30 quiet-days=Saturday,sun digest=daily@7 zone=Europe/Riga locale=lv 'threshold:po_approved=$.amount > 1000' 'threshold:module:purchasing=$.vip == true'
is_status 0 'many at once'
is "$(said)" 'quiet=22:00-07:30
quiet-days=sat,sun
digest=daily@07:00
dnd=off
zone=Europe/Riga
locale=lv
email=off
in_app=on
module:booking.sms=off
TEST_NOTE.email=on
threshold:module:purchasing=($."vip" == true)
threshold:po_approved=($."amount" > 1000)' 'and each is shown as it is typed' || diag "$out"
shown=$(said | grep -v '^dnd')
prefs ada
is "$(grep -E $'^(TEST_NOTE|BOOKING_CREATED|PO_APPROVED)\t' <<<"$out")" $'BOOKING_CREATED\ton\toff\ton\toff\ton
PO_APPROVED\ton\toff\ton\ton\ton
TEST_NOTE\ton\ton\ton\ton\ton' 'the most specific one decides'
mapfile -t lines <<<"$shown"
prefs bob set "${lines[@]}"
is "$(said | grep -v '^dnd')" "$shown" 'what is shown can be typed again'

prefs ada set dnd=2h
is "$(psql_do "SELECT dnd_until BETWEEN now() + interval '119 minutes' AND now() + interval '121 minutes' FROM nightbell.user_settings WHERE user_id = '$ADA'")" t 'do not disturb takes the times of snooze'
like "$out" 'dnd=20' 'and says until when'
prefs ada set dnd=off email=default inbox=default TEST_NOTE.email=default module:booking.sms=default quiet=off quiet-days=off digest=off zone=default locale=default threshold:po_approved=off threshold:module:purchasing=off
is "$(said)" 'quiet=off
quiet-days=off
digest=off
dnd=off
zone=default
locale=default' 'and all of it back'
psql_do "INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, module, condition, is_active) VALUES ('$ACME', '$ADA', 'po_asleep', '*', '\$.amount > 1', false)"
prefs ada
unlike "$out" 'po_asleep' 'a threshold that is switched off is not among what can be typed again, which would switch it on'
psql_do "DELETE FROM nightbell.alert_thresholds WHERE event_type = 'po_asleep'"
prefs ada --json
is "$(jq -r '[.name, .version, (.types | length > 20), .quiet] | join(" ")' <<<"$out")" 'ada 3 true ' 'as JSON the whole document'

# -- what is wrong
while IFS='|' read -r text status why; do
    prefs ada set digest=hourly "$text"
    is_status "$status" "$text is refused"
    like "$err" "$why" "because $why"
done <<'END'
email|2|expected KEY=VALUE
fax=off|1|there is no channel "fax"
fa-x=off|2|there is no preference "fa-x"
email=maybe|2|expected on, off or default
quiet=22:00|2|expected two times of day
quiet=22:00-22:00|2|do not end when they begin
quiet-days=noday|2|expected days such as
quiet-days=mon,tue,wed,thu,fri,weekend|1|every day would be quiet
dnd=never|2|expected until when
digest=weekly|2|expected off, hourly, daily
digest=hourly@8|2|expected off, hourly, daily
zone=Mars/North|1|expected the name of a time zone
NO_SUCH.email=off|1|there is no type "NO_SUCH"
module:none.email=off|1|there is no module "none"
BILLING_RENEWAL_FAILED.in_app=off|1|cannot be switched off in the inbox
threshold=$.**|1|expected
END
is "$(psql_do "SELECT digest FROM nightbell.user_settings WHERE user_id = '$ADA'")" off 'and then nothing is changed, of the rest neither'

# -- of somebody
prefs olga set --tenant acme --user bob digest=hourly
is_status 0 'an administrator changes somebody'\''s'
like "$out" 'digest=hourly' 'and sees theirs'
run "$nightbell" --dsn "$cluster_admin_dsn" prefs show --tenant acme --user bob@acme.example --json
is "$(jq -r '.name + " " + .digest' <<<"$out")" 'bob hourly' 'by the login of administrators too'
prefs olga show --tenant acme --user nemo
is_status 3 'nobody is called so'
prefs bob show --user ada
is_status 4 'an operator is no administrator'

# -- completion
complete() { person ada "$nightbell" completion words prefs set "$1" 2>/dev/null | cut -f 1 | paste -sd ' '; }
paste() { command paste "$@"; }
like "$(complete '')" '^quiet= quiet-days= dnd= digest= zone= locale= email= in_app= .*threshold: .*BOOKING_CREATED\. ' 'keys, channels and types'
is "$(complete digest=)" 'digest=off digest=hourly digest=daily digest=daily@08:00' 'the values of a key'
is "$(complete TEST_NOTE.e)" 'TEST_NOTE.email=' 'the channels of a type'
is "$(complete TEST_NOTE.email=)" 'TEST_NOTE.email=on TEST_NOTE.email=off TEST_NOTE.email=default' 'and what becomes of it'

# -- a channel of the installation's own
prefs ada set chat=off
is_status 1 'a channel that there is none of'
like "$err" 'there is no channel "chat": expected in_app, email, push, sms or webhook' 'is told with those that there are'
prefs ada set qiuet=22-7
is_status 2 'a key that is none'
like "$err" 'there is no preference "qiuet"' 'is told as one'
psql_do "SELECT nightbell.register_channels('{chat}', '{program}', '{t}')" >/dev/null
prefs ada set CHAT=off TEST_NOTE.chat=on module:booking.chat=on
is_status 0 'a channel that a worker has told of'
is "$(said | grep -x chat=off)" chat=off 'is one like any other'
prefs ada
is "$(grep -cE $'^(TEST_NOTE|BOOKING_CREATED)\t.*\ton$' <<<"$out") $(grep -cE $'^PO_APPROVED\t(\w+\t){5}off$' <<<"$out")" '2 1' 'with a column of its own'
is "$(complete ch) $(complete TEST_NOTE.ch) $(complete chat=)" 'chat= TEST_NOTE.chat= chat=on chat=off chat=default' 'and is completed'
done_testing
