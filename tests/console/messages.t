#!/bin/bash
# The message line: what is cut can be read whole, an answer is not hidden by a bell, and what to do when one is refused.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

one=$(incident high quota_reached 'tenant acme at 98 %')
console_start -n bob bob 70x18
keys '2'
screen_wait '^▌ ● HIGH'

# a message that is longer than the line
incident critical job_failure "the nightly export of all the tenants has failed for the third time, and this is where its text ends" >/dev/null
screen_shows '^ ▲ job_failure: the nightly export .*…  M: all of it$' "a message that is cut says which key shows all of it"
screen_lacks 'where its text ends' "as it does not fit"
keys 'M'
screen_shows '│ [0-9][0-9]:[0-9][0-9]  ▲ job_failure: the nightly export of all the tenants' "that key shows it with its time"
screen_shows '│ +where its text ends +│|│ +.*its text ends' "wrapped, to the end"
screen_shows '^ j k scroll  <Space> b by pages  <Esc> close' "with its keys"
keys '<Esc>'
screen_lacks 'text ends' "and goes"

# the past ones: the newest is on top, and there are many
for ((i = 1; i <= 30; i++)); do keys ":set no-such-option-$i<Enter>"; done
screen_wait '^ there is no option no-such-option-30'
keys 'M'
screen_shows '^.*│ [0-9:]{5}  there is no option no-such-option-30 +│' "past messages, the newest on top"
unlike "$(screen_text)" 'no-such-option-1 ' "more of them than the box has rows"
keys 'G'
screen_shows 'no-such-option-1 ' "the oldest at its end"
screen_lacks 'no-such-option-30'
keys 'g'
screen_shows 'no-such-option-30' "and back to the newest"
keys '<Space>'
screen_lacks 'no-such-option-30' "by pages"
keys 'b' 'j'
screen_lacks 'no-such-option-30' "and by lines"
keys 'q'
screen_lacks 'no-such-option' "any other key closes it"
keys ':messages<Enter>'
screen_shows 'no-such-option-30' "the command does the same"
keys 'q'

# an answer and a bell at the same time
screen_resize 110x18
answered=no
for ((try = 1; try <= 5; try++)); do
    keys ":set no-such-option-a<Enter>"
    screen_wait '^ there is no option no-such-option-a'
    bells=$(screen_bells)
    since=$(now_ms)
    incident critical job_failure "bell $try" >/dev/null
    until [ "$(screen_bells)" -gt "$bells" ] || [ $(($(now_ms) - since)) -gt 10000 ]; do screen_idle 20; done
    line=$(screen_row 17)
    if [ $(($(now_ms) - since)) -lt 2500 ]; then
        answered=yes
        break
    fi
    diag "the machine took $(($(now_ms) - since)) ms to ring: once more"
done
is "$answered" yes "a bell comes while an answer is to be read"
like "$line" '^ there is no option no-such-option-a' "which stays"
screen_shows "^ ▲ job_failure: bell $try" "the bell's message has its turn after it, by itself"
keys ':set no-such-option-b<Enter>'
screen_shows '^ there is no option no-such-option-b' "an answer does not wait for a bell's message"
console_quit "the end"

# what the console says of a person whom the database no longer knows
file=$test_dir/ends.token
administrator() { env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" "$@"; }
administrator --quiet token mint --user carol --tenant acme --output "$file"
screen_start -n carol 150x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$file" "$nightbell"
screen_wait 'live'
keys ':whoami<Enter>'
screen_shows '^ carol at acme \(.*operator.*\), until ' "whoami: who one is"
administrator --quiet token revoke "$file"
screen_wait 'read-only: the token has been revoked' 60
keys ':whoami<Enter>'
screen_shows "^ carol is read-only: the token has been revoked: put a new one into .*, it is taken up by itself" "once refused: why, and what to do"
screen_resize 60x14
keys ':whoami<Enter>'
screen_shows '^ carol is read-only: .*…  M: all of it$' "which may be cut"
keys 'M'
screen_shows '│ [0-9:]{5}  carol is read-only: the token has been revoked: +│' "and is whole in the messages"
keys 'q' 'q'
is "$(screen_exit)" "exit 0" "quits"
done_testing
