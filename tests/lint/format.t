#!/bin/bash
# Every file of C has the shape that .clang-format says.
. "${srcdir:-.}/tests/lint/lint.sh"

# Other versions break lines elsewhere: the shape is that of Debian 12's.
if ! clang-format --version | grep -q 'version 14\.'; then
    skip_all "the shape is that of clang-format 14, and this is $(clang-format --version)"
fi
misshapen() { clang-format --dry-run -Werror $(all_c_sources) $(c_sources docs) 2>&1 | sed -n 's/^\([^ :]*:[0-9]*\):.*error:.*/\1/p'; }
# A comment that begins behind its opening mark ends on its last line of text.
fallen() {
    perl -0777 -ne 'while (m{^ */\* (?:(?!\*/)[^\n])*(?:\n(?! *\*/)(?:(?!\*/)[^\n])*)*\n *\*/$}gm) {
        print "$ARGV:", 1 + (substr($_, 0, $+[0]) =~ tr/\n//), "\n" }' "$@"
}

nothing "every file is as .clang-format says" misshapen
nothing "no end of a comment stands alone below its text" fallen $(all_c_sources) $(c_sources docs)
done_testing
