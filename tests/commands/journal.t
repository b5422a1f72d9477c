#!/bin/bash
# The documented recipe (docs/journal.sh), run as it stands on a recorded sample of `journalctl -o json`.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

journalctl() { cat "$srcdir/tests/commands/journal.json"; }
nightbell() { person app "$nightbell" "$@"; }
recipe() { . "$srcdir/docs/journal.sh"; }
run recipe
is_status 0 "every line of the sample becomes an event"
is "$(cut -f 1 <<<"$out" | paste -sd ' ')" "$(seq -s ' ' 15)" "one result a line"

run person bob "$nightbell" events list --limit 100 --json
event() { jq -c "select(.description | contains(\"$1\")) | $2" <<<"$out"; }
is "$(event 'soft lockup' '[.severity, .source]')" '["critical","kernel"]' "priority 0, from the kernel"
is "$(event 'FAILED Result' .severity)" '"critical"' "priority 1"
is "$(event 'Timeout before' '[.severity, .source]')" '["critical","ssh.service"]' "priority 2"
is "$(event 'deadlock detected' '[.severity, .details.host, .details.pid]')" '["high","db-01","911"]' "priority 3, with details"
like "$(event 'deadlock detected' .description)" 'HINT:' "a message of several lines is whole"
is "$(event 'does not resolve' .severity)" '"medium"' "priority 4"
is "$(event 'COMMAND=' .severity) $(event 'signal process' .severity) $(event 'bound to' .severity)" '"low" "low" "low"' "priorities 5, 6, 7"
is "$(event 'write error' .severity)" '"low"' "no priority"
is "$(event 'PHP Warning' '.description | startswith("\u001b[31m")')" true "a message of bytes keeps its escape sequence as data"
is "$(event 'binary' '.description | startswith("binarypayload")')" true "and loses its NUL"
is "$(event '(no message)' '[.source, .severity]' | sort | paste -sd ' ')" '["billing.service","medium"] ["kernel","high"]' \
    "an empty message and one that is null"
is "$(event 'certbot' '[.source, .occurrences]')" '["certbot.service",2]' "the same message of the same unit is one event, twice"

recipe_lines() { grep -vxFf "$1" "$srcdir/docs/journal.sh"; }
is "$(recipe_lines "$srcdir/README.md")" '' "the README has the recipe as it is run here"
is "$(recipe_lines <(man -P cat -l "$builddir/docs/man/nightbell.1" 2>/dev/null || mandoc -T utf8 "$builddir/docs/man/nightbell.1" |
    col -bx | sed 's/^ *//') | sed 's/^ *//' | grep -vxFf <(mandoc -T utf8 "$builddir/docs/man/nightbell.1" | col -bx | sed 's/^ *//'))" \
    '' "and so has the manual page"
done_testing
