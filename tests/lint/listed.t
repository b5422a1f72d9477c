#!/bin/bash
# Every file is named by a build fragment, so that it is built, tested and part of the tarball; and every test runs.
. "${srcdir:-.}/tests/lint/lint.sh"

fragments=$(cat Makefile.am */*.am)
unlisted() {
    local file
    for file in $(all_c_sources) $(sources tui def) $(sources keymaps keys) $(sources themes theme) \
        $(for room in tests bench; do sources "$room" t sh sql awk txt jq; done); do
        grep -qE "(^|[[:space:]=/)])${file//./\\.}($|[[:space:]])|EXTRA_DIST.*\b$(dirname "$file")\b" <<<"$fragments" ||
            { [[ $file == tests/core/*.c || $file == tests/tui/*.c || $file == tests/fuzz/*.c || $file == tests/console/*.c || $file == tests/lib/*.c ||
                $file == bench/*.c ]] && grep -qE "(^|[[:space:]])${file%.c}($|[[:space:]])" <<<"$fragments"; } ||
            echo "$file is in no .am file"
    done
}
missing() {
    local file
    for file in $(grep -ohE '(^|[[:space:]])(core|cli|tui|tests|bench|keymaps|themes|docs)/[A-Za-z0-9_./-]+\.(c|h|t|sql|sh|def|keys|theme)\b' */*.am); do
        [ -f "$file" ] || grep -qE "BUILT_SOURCES.*$file|nodist|CLEANFILES" <<<"$(grep -h "$file" */*.am)" || [ -f "$builddir/$file" ] ||
            echo "$file is in an .am file and not there"
    done
}
twice() { grep -ohE '^[[:space:]]+(core|cli|tui|tests|keymaps|themes)/[A-Za-z0-9_./-]+' */*.am | sort | uniq -d; }

nothing "every file is listed" unlisted
nothing "every listed file is there" missing
nothing "nothing is listed twice" twice
done_testing
