#!/bin/bash
# How long files, functions and lines may be.
. "${srcdir:-.}/tests/lint/lint.sh"

long_files() { wc -l $(all_c_sources) $(for room in core cli tui tests bench; do sources "$room" t sh awk sql; done) |
    awk '$2 != "total" && $1 > 700 { print $2 ": " $1 " lines" }'; }
long_functions() {
    ctags --languages=C --c-kinds=f --fields=+ne -f - $(all_c_sources) | awk -F '\t' '
        /^!/ { next }
        {
            line = end = 0
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) line = substr($i, 6)
                if ($i ~ /^end:/) end = substr($i, 5)
            }
            if (end - line + 1 > 80) print $2 ":" line ": " $1 " has " end - line + 1 " lines"
        }'
}
wide_lines() { awk 'length($0) > 160 { print FILENAME ":" FNR ": " length($0) " bytes" }' $(all_c_sources); }

nothing "no file has more than 700 lines" long_files
nothing "no function has more than 80 lines" long_functions
nothing "no line of C is wider than any screen" wide_lines
done_testing
