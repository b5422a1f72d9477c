# valgrind.sh PROGRAM… - each under valgrind's memcheck, as many at once as there are processors, as TAP; for
# `make check-valgrind`, inside the build directory.
. "$(dirname "$0")/tap.sh"
libtool_execute() {
    ./libtool --mode=execute valgrind -q --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --error-exitcode=77 "$1"
}
outcome=$test_dir/outcome
examine() {
    mkdir -p "$outcome/$1"
    libtool_execute "$1" >"$outcome/$1/output" 2>&1 && touch "$outcome/$1/passed"
}
said() { cat "$outcome/$1/output" && [ -e "$outcome/$1/passed" ]; }

running=0
for program in "$@"; do
    if [ "$running" -ge "$(nproc)" ]; then
        wait -n
        running=$((running - 1))
    fi
    examine "$program" &
    running=$((running + 1))
done
wait
for program in "$@"; do ok "$program" said "$program"; done
done_testing
