# tap.sh - what every shell test starts with: TAP output and an environment of its own.
#
#   . "${srcdir:-.}/tests/lib/tap.sh"
#   ok "name" command…            passes when the command succeeds; its output is shown when it does not
#   not_ok "name" command…        passes when the command fails
#   is "$got" "$expected" "name"  isnt …    like "$got" 'extended regex' "name"   unlike …
#   run command…                  sets $status, $out and $err; never stops the test
#   is_status 2 "name"            about the last run; shows its output when it differs
#   wait_for SECONDS command…     repeats the command until it succeeds; the only place that sleeps
#   diag text…  bail_out reason  skip_all reason  done_testing (last line, always)
#
# $srcdir, $builddir (absolute), $nightbell (the program), $test_dir (private, removed when all passed, else kept).
# Functions registered with at_exit run before the directory is removed.

set -u
tests_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
srcdir=$(cd "$tests_lib/../.." && pwd)
if [ -z "${builddir:-}" ]; then
    if [ -f ./config.status ]; then builddir=$PWD; else builddir=$srcdir/build; fi
fi
builddir=$(cd "$builddir" && pwd) || exit 99
nightbell=$builddir/nightbell
export srcdir builddir

# The settings of the person who runs the tests must not reach a test, and no test may reach their files.
for name in $(compgen -e | grep -E '^(PG|NIGHTBELL_|XDG_)' || :); do unset "$name"; done
unset NO_COLOR COLORFGBG LS_COLORS DISPLAY WAYLAND_DISPLAY TMUX STY
test_dir=$(mktemp -d "${TMPDIR:-/tmp}/nbt.XXXXXX") || exit 99
chmod 0711 "$test_dir"
real_home=${HOME:-/} # for package managers, which have their settings there
export HOME=$test_dir/home LC_ALL=C.UTF-8 TZ=UTC TERM=xterm-256color
mkdir -m 0700 "$HOME"

tap_count=0 tap_failed=0 tap_finished=no tap_at_exit=()

at_exit() { tap_at_exit=("$1" "${tap_at_exit[@]}"); }

tap_end() {
    local rc=$? hook
    trap - EXIT
    [ "$tap_finished" = yes ] || tap_failed=$((tap_failed + 1))
    export tap_failed
    for hook in "${tap_at_exit[@]}"; do "$hook"; done
    if [ "$tap_failed" -gt 0 ]; then
        echo "# the files of this test are kept in $test_dir"
    else
        rm -rf "$test_dir"
    fi
    # Without its plan the test counts as failed, whatever made it end early.
    [ "$tap_finished" = yes ] || [ "$rc" -ne 0 ] || rc=1
    [ "$tap_failed" -eq 0 ] || [ "$rc" -ne 0 ] || rc=1
    exit "$rc"
}
trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
bail_out() {
    echo "Bail out! $*"
    exit 99
}
skip_all() {
    echo "1..0 # SKIP $*"
    tap_finished=yes
    exit 0
}
plan() { echo "1..$1"; tap_planned=$1; }
done_testing() {
    [ -n "${tap_planned:-}" ] || echo "1..$tap_count"
    tap_finished=yes
    exit $((tap_failed > 0))
}

tap_pass() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1"
}
tap_fail() {
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_count - $1"
    return 0
}

ok() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then tap_pass "$name"; else
        tap_fail "$name"
        diag "failed: $*"
        [ -z "$output" ] || diag "$output"
    fi
}
not_ok() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        tap_fail "$name"
        diag "should have failed: $*"
        [ -z "$output" ] || diag "$output"
    else tap_pass "$name"; fi
}
pass() { tap_pass "$1"; }
fail() {
    tap_fail "$1"
    shift
    [ $# -eq 0 ] || diag "$@"
}
is() {
    if [ "$1" = "$2" ]; then tap_pass "$3"; else
        tap_fail "$3"
        diag "     got: $1"
        diag "expected: $2"
    fi
}
isnt() {
    if [ "$1" != "$2" ]; then tap_pass "$3"; else
        tap_fail "$3"
        diag "got what it should not be: $1"
    fi
}
like() {
    if [[ $1 =~ $2 ]]; then tap_pass "$3"; else
        tap_fail "$3"
        diag "     got: $1"
        diag "expected to match: $2"
    fi
}
unlike() {
    if [[ $1 =~ $2 ]]; then
        tap_fail "$3"
        diag "     got: $1"
        diag "expected not to match: $2"
    else tap_pass "$3"; fi
}

run() {
    status=0
    "$@" >"$test_dir/stdout" 2>"$test_dir/stderr" || status=$?
    out=$(tr -d '\0' <"$test_dir/stdout")
    err=$(tr -d '\0' <"$test_dir/stderr")
    ran="$*"
}
is_status() {
    if [ "$status" = "$1" ]; then tap_pass "$2"; else
        tap_fail "$2"
        diag "$ran: exit code $status, expected $1"
        [ -z "$out" ] || diag "stdout: $out"
        [ -z "$err" ] || diag "stderr: $err"
    fi
}

# Milliseconds of a monotonic clock.
now_ms() {
    local up rest
    read -r up rest </proc/uptime
    echo "$((${up%.*} * 1000 + 10#${up#*.} * 10))"
}
wait_for() {
    local until=$(($(now_ms) + $1 * 1000))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt "$until" ] || return 1
        sleep 0.02
    done
}
