#!/bin/bash
# The terminal stops reading (a window that hangs, a line that is cut without notice): the console does not hang with it.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
notify ada "before" >/dev/null
export XDG_CONFIG_HOME=$test_dir/config
mkdir -p "$XDG_CONFIG_HOME/nightbell"
echo 'still-seconds = 3' >"$XDG_CONFIG_HOME/nightbell/config"

# The kernel holds some frames for a terminal that does not read them; so many whole ones are more than it holds.
saves=0
save_screen() {
    saves=$((saves + 1))
    keys ":save-screen $test_dir/saved$saves<Enter>"
    wait_for 10 test -s "$test_dir/saved$saves"
}
fill_terminal() {
    local frame
    for frame in $(seq 1 30); do
        screen_resize $((200 + frame % 2))x60
        save_screen || return 1
    done
}
saved_shows() { save_screen && grep -q -- "$1" "$test_dir/saved$saves"; }
memory() { awk '/VmRSS/ {print $2}' "/proc/$(screen_pid)/status"; }

console_start ada 200x60
screen_wait 'before'
screen_hold on
ok "keys are answered while the terminal reads nothing" fill_terminal
notify ada "while nothing was read" >/dev/null
ok "rows arrive" wait_for 10 saved_shows 'while nothing was read'
before=$(memory)
fill_terminal && fill_terminal
# AddressSanitizer holds on to 256 MiB of what was freed.
more=2048
! grep -q -- -fsanitize=address "$builddir/Makefile" || more=$((more + 256 * 1024))
ok "memory stays as it was ($before KiB, then $(memory))" test "$(memory)" -lt $((before + more))

ok "after a while the feed is let go" wait_for 20 saved_shows '○ suspended'
notify ada "while nobody looked" >/dev/null
screen_resize 120x40
screen_hold off
screen_shows 'while nobody looked' "it shows all when the terminal reads again"
screen_shows '● live' "and is live again"
notify ada "after that" >/dev/null
screen_shows 'after that' "doorbells arrive again"
is "$(screen_row 0 | cut -c1-10)" " nightbell" "the screen is whole"
screen_resize 200x60
screen_wait 'after that'

screen_hold on
fill_terminal
screen_signal TERM
is "$(screen_exit)" "exit 0" "SIGTERM ends it while the terminal reads nothing"
screen_hold off
screen_idle
screen_is_sane "ended while nothing was read"

console_start -n crash ada 200x60
screen_wait 'after that'
screen_hold on
fill_terminal
screen_signal ABRT
like "$(screen_exit)" '^signal' "a crash ends it while the terminal reads nothing"
screen_hold off
screen_idle
screen_is_sane "crashed while nothing was read"
done_testing
