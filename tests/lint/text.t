#!/bin/bash
# What every file has: a first comment that says what it is for, no trailing blanks, a last newline, nothing half done.
. "${srcdir:-.}/tests/lint/lint.sh"

texts() {
    find . -mindepth 1 \( -name .git -o -name 'build*' -o -name m4 -o -name autom4te.cache -o -name '*.log' \) -prune -o \
        -type f \( -name '*.[ch]' -o -name '*.def' -o -name '*.sql' -o -name '*.sh' -o -name '*.t' -o -name '*.am' -o -name '*.ac' \
        -o -name '*.md' -o -name '*.awk' -o -name '*.keys' -o -name '*.theme' -o -name bootstrap -o -name run \) -print |
        sed 's|^\./||' | grep -vE '^(aclocal|config)' | LC_ALL=C sort
}
no_last_newline() { texts | while read -r file; do [ -z "$(tail -c 1 "$file")" ] || echo "$file"; done; }
no_purpose() {
    texts | grep -E '\.([ch]|def|sql|sh|t|am|awk|keys|theme)$|bootstrap$' | while read -r file; do
        case $file in
        *.c | *.h | *.def) head -1 "$file" | grep -q '^/\*' ;;
        docs/*.sh) ;; # shown in the documentation as they are
        *.sql) head -1 "$file" | grep -q '^-- .' ;;
        *.t | bootstrap) sed -n 2p "$file" | grep -q '^# .' ;;
        *) sed -n '1{/^#!/d;p};2p' "$file" | grep -q '^# .' ;;
        esac || echo "$file: says nowhere in its first lines what it is for"
    done
}
broken_scripts() { texts | grep -E '\.(sh|t)$|bootstrap$|\.ci/run$' | while read -r file; do bash -n "$file"; done; }
half_done='\b(TODO|FIXME|XXX|HACK)\b|not( yet)? implemented|unimplemented'

nothing "no trailing blanks" grep -nE '[[:blank:]]+$' $(texts)
nothing "no carriage returns" grep -nlP '\r$' $(texts)
nothing "every file ends in a newline" no_last_newline
nothing "no tabs in C, SQL and shell" bash -c 'grep -nP "^ *\t" "$@"' - $(texts | grep -E '\.([ch]|def|sql|sh|t)$')
nothing "every file says what it is for" no_purpose
nothing "nothing is half done" bash -c 'grep -nE "$0" "$@" | grep -v "^tests/lint/text.t:\|^HACKING.md:"' "$half_done" $(texts)
nothing "every script parses" broken_scripts
done_testing
