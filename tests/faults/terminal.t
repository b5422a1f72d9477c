#!/bin/bash
# However the console ends, the terminal is left as it was.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
notify ada "something to see" >/dev/null

for key in q '<C-c>'; do
    console_start -n "key$key" ada
    keys "$key"
    is "$(screen_exit)" "exit 0" "$key: exit 0"
    screen_is_sane "$key"
done

for signal in TERM HUP SEGV ABRT; do
    console_start -n "signal$signal" ada
    screen_wait 'something to see'
    screen_signal "$signal"
    like "$(screen_exit)" '^(exit|signal) [0-9]+$' "SIG$signal: it ends"
    screen_is_sane "SIG$signal"
done

console_start -n hangup ada
screen_hangup
isnt "$(screen_exit 5)" "running" "a terminal that is gone ends it"

# Suspended with ^Z and brought back, in a shell with job control.
screen_start -n jobs 100x20 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" \
    NIGHTBELL_TOKEN_FILE="$(token_file ada)" PS1='prompt> ' bash --norc --noprofile -i
screen_wait '^prompt>'
keys 'seq 901 903<Enter>'
screen_wait '^903'
keys "$nightbell<Enter>"
screen_wait 'live'
keys '<C-z>'
screen_shows 'Stopped' "^Z gives the shell back"
keys 'stty -a | tr " ;" "\n\n" | grep -cxE "icanon|echo|isig" <Enter>'
screen_shows '^3$' "with a sane terminal"
notify ada "while it was stopped" >/dev/null
keys 'fg<Enter>'
screen_shows 'while it was stopped' "fg draws again and catches up"
screen_wait 'live'
like "$(screen_modes)" 'screen=alternate' "on the other screen again"
keys q
screen_shows '^prompt>' "and it can be left"
screen_shows '^prompt> fg' "the shell's screen is as it was"
is "$(screen_text | grep -cE '^90[123]$')" 3 "with all that stood on it"
like "$(screen_modes)" 'screen=normal' "and it is the normal one"
is "$(grep -oaP '\x1b\[\?1049[hl]' "$(screen_raw)" | tr -d '\033[?\n')" 1049h1049l1049h1049l "each switch of screens is sent once"
keys 'exit<Enter>'
screen_exit >/dev/null
screen_is_sane "the shell"

# Where there is no terminal it says so instead of drawing.
run person ada "$nightbell" </dev/null
unlike "$out$err" $'\e' "no escape sequence into a pipe"
isnt "$out$err" "" "it says something"
done_testing
