# valgrind.sh PROGRAM… - each under valgrind's memcheck, as TAP; for `make check-valgrind`, inside the build directory.
. "$(dirname "$0")/tap.sh"
libtool_execute() {
    ./libtool --mode=execute valgrind -q --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --error-exitcode=77 "$1"
}
for program in "$@"; do
    ok "$program" libtool_execute "$program"
done
done_testing
