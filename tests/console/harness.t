#!/bin/bash
# The screen harness itself, tried on a program of 60 lines: everything that the tests of the console use of it.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"

screen_start 40x6 "$builddir/tests/lib/terminal_sample"
screen_is "the whole screen, clock masked" <<'END'
sample 40x6
last key:
wide 漢字 and 99:99
END
is "$(screen_attributes 0)" "0-5 bold fg=1" "attributes of a row"
is "$(screen_title)" "the title" "the window title"
is "$(screen_modes)" "cursor=hidden screen=alternate mouse=0" "modes"

keys 'j' '<Down>' '<C-r>' '<M-x>' '<Space>' '<Lt>'
screen_shows 'last key: 6a 1b 4f 42 12 1b 78 20 3c$' "keys are what a terminal sends"
keys 'c' '<F5>' '<S-Tab>' '<Esc>'
screen_shows 'last key: 1b 5b 31 35 7e 1b 5b 5a 1b$' "function keys, shift-tab, escape"

screen_resize 60x10
screen_shows '^sample 60x10$' "a resize reaches the program"

screen_idle
screen_mark
is "$(screen_bytes 50)" 0 "no byte while nothing happens"
keys 'b'
screen_wait ' 62$'
isnt "$(screen_bytes)" 0 "bytes since the mark"
is "$(screen_bells)" 1 "the bell"
ok "the raw bytes can be searched" grep -q $'\e\[1;31msample' "$(screen_raw)"
is "$(screen_cursor)" "3 0" "where the cursor is"

first=$screen_name
screen_start -n second 30x5 sh -c 'echo second; exec cat'
screen_shows '^second$' "a second screen at the same time"
screen_use "$first"
screen_shows '^sample 60x10$' "and back to the first"

not_ok "what is not there is not found" screen_ask wait 200 'no such text'
keys 'q'
is "$(screen_exit)" "exit 3" "exit status"
screen_is_sane "at the end"

screen_use second
screen_signal TERM
is "$(screen_exit)" "signal 15" "ended by a signal"
done_testing
