# screen.sh - programs in real terminals: after tap.sh.
#
#   screen_start [-n NAME] COLSxROWS command…   runs it; later calls are about it (the one started or chosen last)
#   screen_use NAME               later calls are about this one
#   keys 'j' '<Down>' '<C-r>' 'typed text<Enter>'    what a terminal sends for them
#   paste TEXT    mouse p|r|m BUTTON ROW COLUMN      (button 1 left, 4 and 5 the wheel)
#   screen_resize COLSxROWS
#   screen_wait REGEX [SECONDS]   until the screen matches (^ and $ are row ends); else the test gets a "not ok" and the screen
#   screen_gone REGEX [SECONDS]   until it no longer does
#   screen_shows REGEX [NAME]     the same two as tests of their own: "ok" when it appears (or goes) in time
#   screen_lacks REGEX [NAME]
#   screen_idle [MS]              until no byte came for MS (default 100)
#   screen_is NAME <<'END'        the whole screen, once it looks like that: rows without trailing blanks, empty rows at the
#                                 end left out, clocks and ages masked by screen_masks
#   screen_text  screen_row N     what is on it (rows count from 0)
#   screen_attributes N           the attributes of a row: "0-9 bold fg=1"
#   screen_cursor  screen_title  screen_bells  screen_osc  screen_modes  screen_settings  screen_pid
#   screen_mark; screen_bytes [MS]   bytes received since the mark, after waiting for the first one
#   screen_raw                    the file with every byte the program sent
#   screen_random COUNT SEED      presses keys and resizes at random; fails when the program ended
#   screen_signal NAME            screen_hangup
#   screen_hold on|off            the terminal stops reading, or goes on
#   screen_exit [SECONDS]         waits for the end; prints "exit 0", "signal 9" or "running"
#   screen_end                    kills it
#
# Nothing here sleeps: each call waits for its condition, SCREEN_SECONDS (default 10) at most.

: "${SCREEN_SECONDS:=10}"
declare -A screen_to=() screen_from=() screen_driver=() screen_size=()
screen_name=

# Masked clocks and ages keep their width, so that columns stay in place.
screen_masks=(-e 's/\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b/hh:mm:ss/g' -e 's/\b[0-9]{2}:[0-9]{2}\b/hh:mm/g'
    -e 's/\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b/yyyy-mm-dd/g'
    -e 's/(^|[ |])( | [0-9]|[0-9]{2})[0-9](s|m|h|d|w|mo|y)\b/\1 ##\3/g')

screen_start() {
    local name=screen$((${#screen_driver[@]} + 1)) size dir to from
    if [ "$1" = -n ]; then
        name=$2
        shift 2
    fi
    size=$1
    shift
    dir=$test_dir/$name
    mkdir -p "$dir" && rm -f "$dir/to" "$dir/from" && mkfifo "$dir/to" "$dir/from"
    exec {to}<>"$dir/to" {from}<>"$dir/from"
    "$builddir/tests/lib/screen" "${size%x*}" "${size#*x}" "$dir/raw" "$@" \
        <"$dir/to" >"$dir/from" 2>"$dir/driver.log" {to}>&- {from}>&- &
    screen_to[$name]=$to screen_from[$name]=$from screen_driver[$name]=$! screen_size[$name]=$size
    [ ${#screen_driver[@]} -gt 1 ] || at_exit screen_end_all
    screen_use "$name"
}
screen_use() {
    screen_name=$1
    [ -n "${screen_driver[$1]:-}" ] || bail_out "no screen is called $1"
}
screen_end_all() {
    local name
    for name in "${!screen_driver[@]}"; do kill "${screen_driver[$name]}" 2>/dev/null; done
}
screen_end() {
    kill "${screen_driver[$screen_name]}" 2>/dev/null
    wait "${screen_driver[$screen_name]}" 2>/dev/null
}

# One request, its answer on stdout; fails with $screen_reason when the driver says no. The answer is read whole before it is
# printed, so that a reader that stops early (head) leaves nothing behind.
screen_ask() {
    local line answer=
    printf '%s\n' "$*" >&"${screen_to[$screen_name]}"
    while IFS= read -r -t 120 line <&"${screen_from[$screen_name]}"; do
        case $line in
        '|'*) answer+=${line#|}$'\n' ;;
        '=ok')
            printf %s "$answer"
            return 0
            ;;
        *)
            printf %s "$answer"
            screen_reason=${line#=no }
            return 1
            ;;
        esac
    done
    bail_out "the driver of $screen_name does not answer: $(cat "$test_dir/$screen_name/driver.log")"
}

keys() {
    local key
    for key in "$@"; do screen_ask keys "$key" || bail_out "no such key: $key"; done
}
paste() { screen_ask paste "$1"; }
mouse() { screen_ask mouse "$@" || bail_out "$screen_reason"; }
screen_resize() {
    screen_size[$screen_name]=$1
    screen_ask resize "${1%x*}" "${1#*x}"
}
screen_text() { screen_ask text; }
screen_row() { screen_ask row "$1"; }
screen_attributes() { screen_ask attributes "$1"; }
screen_cursor() { screen_ask state cursor; }
screen_title() { screen_ask state title; }
screen_bells() { screen_ask state bells; }
screen_osc() { screen_ask state osc; }
screen_pid() { screen_ask state pid; }
screen_modes() { screen_ask state modes; }
screen_settings() { screen_ask settings; }
screen_mark() { screen_ask mark; }
screen_bytes() { screen_ask bytes "${1:-1000}"; }
screen_raw() { echo "$test_dir/$screen_name/raw"; }
screen_signal() { screen_ask signal "$(kill -l "$1")"; }
screen_hold() { screen_ask hold "$1"; }
screen_hangup() { screen_ask hangup; }
screen_random() { screen_ask random "$1" "$2"; }
screen_idle() { screen_ask idle "${1:-100}" $((SCREEN_SECONDS * 1000)); }
screen_exit() { screen_ask exit $((${1:-$SCREEN_SECONDS} * 1000)); }

screen_diag() {
    diag "the screen $screen_name (${screen_size[$screen_name]}, $(screen_ask state status)):"
    screen_text | sed -e 's/^/#   |/' | sed -e ':a' -e '/^\n*#   |$/{$d;N;ba' -e '}'
}
screen_wait() {
    screen_ask wait $((${2:-$SCREEN_SECONDS} * 1000)) "$1" && return 0
    fail "waited for '$1': $screen_reason"
    screen_diag
    return 1
}
screen_gone() {
    screen_ask gone $((${2:-$SCREEN_SECONDS} * 1000)) "$1" && return 0
    fail "waited for '$1' to go: $screen_reason"
    screen_diag
    return 1
}
screen_shows() { if screen_wait "$1"; then pass "${2:-shows $1}"; fi; }
screen_lacks() { if screen_gone "$1"; then pass "${2:-does not show $1}"; fi; }

screen_masked() { sed -E "${screen_masks[@]}" | sed -e 's/ *$//' -e ':a' -e '/^\n*$/{$d;N;ba' -e '}'; }
screen_is() {
    local expected got="" until=$(($(now_ms) + SCREEN_SECONDS * 1000))
    expected=$(screen_masked)
    while :; do
        got=$(screen_text | screen_masked)
        [ "$got" != "$expected" ] && [ "$(now_ms)" -lt "$until" ] || break
        screen_ask idle 30 200 || :
    done
    if [ "$got" = "$expected" ]; then pass "$1"; else
        fail "$1"
        diff -u --label expected --label 'the screen' <(printf '%s\n' "$expected") <(printf '%s\n' "$got") | sed 's/^/#   /'
    fi
}
# Checks that the terminal is as it was before the program started: settings, main screen, visible cursor, no mouse and
# no bracketed paste.
screen_is_sane() {
    is "$(screen_settings)" "$(screen_ask settings before)" "$1: the line settings are those from before"
    is "$(screen_modes)" "cursor=visible screen=normal mouse=0" "$1: main screen, cursor visible, mouse off"
}
