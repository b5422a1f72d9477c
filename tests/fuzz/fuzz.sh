# fuzz.sh [TARGET…] - libFuzzer on the fuzz targets, FUZZ_SECONDS each (default 60); for `make fuzz`, inside the build directory.
# Builds the libraries once more below fuzz/ with clang. What is found is kept in fuzz/found; add it to the corpus with its fix.
set -eu
srcdir=$(cd "${srcdir:-.}" && pwd)
command -v clang >/dev/null || { echo "make fuzz needs clang (apt-get install clang)" >&2; exit 1; }
mkdir -p fuzz/found
cd fuzz
[ -f Makefile ] || "$srcdir/configure" -q CC=clang CFLAGS='-g -O1 -fsanitize=fuzzer-no-link' --enable-asan --enable-ubsan
make -s -j"$(nproc)" core/libserver.la core/libclient.la tui/libtui.la
[ $# -gt 0 ] || set -- $(cd "$srcdir/tests/fuzz/corpus" && echo *)
for target; do
    [ -f "$srcdir/tests/fuzz/$target.c" ] || { echo "no such target: $target" >&2; exit 2; }
    ./libtool --quiet --tag=CC --mode=link clang -g -O1 -std=gnu17 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
        -I"$srcdir" -I"$srcdir/core" -Icore -o "fuzz-$target" "$srcdir/tests/fuzz/$target.c" tui/libtui.la core/libserver.la core/libclient.la
    mkdir -p "corpus/$target"
    echo "== $target, ${FUZZ_SECONDS:-60} s"
    "./fuzz-$target" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=4096 -timeout=5 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="found/$target-" "corpus/$target" "$srcdir/tests/fuzz/corpus/$target"
done
