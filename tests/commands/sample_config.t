#!/bin/bash
# Every option of the table of options is in the sample configuration and in the manual.
. "${srcdir:-.}/tests/lib/tap.sh"

run "$nightbell" --sample-config
is_status 0 "nightbell --sample-config"
names=$(printf '%s\n' "$out" | sed '/^#\[views\]/,$d' | sed -n 's/^#\([a-z-]*\) =.*/\1/p')
expected=$(sed -n 's/^OPTION([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$srcdir/tui/config/option.def")
for name in $expected inbox-filter events-filter; do
    like "$names" "(^|"$'\n'")$name($|"$'\n'")" "$name is in it"
    ok "$name is in the manual" grep -qxF ".It Li \"\\&$name\"" "$builddir/docs/man/nightbell.1"
done
export XDG_CONFIG_HOME=$test_dir/config
mkdir -p "$XDG_CONFIG_HOME/nightbell"
printf '%s\n' "$out" | sed 's/^#\([^ ]\)/\1/' >"$XDG_CONFIG_HOME/nightbell/config"
run "$nightbell" --check-config
is_status 0 "with every line taken in it is a configuration without a problem"
is "$err" "" "and nothing is said against it"
done_testing
