#!/bin/bash
# What the commands of every kind of configuration share: on a terminal an import shows first what would change, and asks.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
cluster_start
unset PGHOST PGDATABASE PGUSER
export NIGHTBELL_DSN=$cluster_admin_dsn

types() { psql_env "SELECT string_agg(module || ' ' || urgency, ',' ORDER BY type) FROM nightbell.notification_types WHERE type LIKE 'ASKED%'"; }
psql_env() { "$pg_bin/psql" "$cluster_admin_dsn" -XqAtc "$1"; }
printf '{"type":"ASKED_%s","module":"%s","description":"d"}\n' 1 old 2 same >"$test_dir/first"
printf '{"type":"ASKED_%s","module":"%s","description":"d","urgency":"%s"}\n' 1 $'n\\u202eew' high 2 same normal 3 three low >"$test_dir/second"
"$nightbell" types import --quiet "$test_dir/first"

screen_start 80x24 "$nightbell" types import "$test_dir/second"
screen_shows 'Type yes to import:' "a person is asked"
like "$(screen_text)" '  ~ ASKED_1
      module: "old" → "n<U\+202E>ew"
      urgency: "normal" → "high"
  \+ ASKED_3
would be: 1 added, 1 changed, 1 the same' "having seen which members would change, and what is new"
is "$(types)" 'old normal,same normal' "and nothing has changed"
keys 'n<Enter>'
screen_shows 'nothing was imported' "who does not agree"
is "$(screen_exit)" 'exit 1' "imports nothing"
is "$(types)" 'old normal,same normal' "nothing at all"

screen_start 80x24 "$nightbell" types import "$test_dir/second"
screen_shows 'Type yes to import:' "asked again"
keys 'yes<Enter>'
screen_shows '1 added, 1 changed, 1 the same' "who agrees"
is "$(screen_exit)" 'exit 0' "imports"
is "$(psql_env "SELECT string_agg(type || urgency, ',' ORDER BY type) FROM nightbell.notification_types WHERE type LIKE 'ASKED%'")" \
    'ASKED_1high,ASKED_2normal,ASKED_3low' "what was shown"

screen_start 80x24 "$nightbell" types import "$test_dir/second"
screen_shows 'would be: 0 added, 0 changed, 3 the same' "where nothing would change"
is "$(screen_exit)" 'exit 0' "nobody is asked"
screen_start 80x24 "$nightbell" types import --yes "$test_dir/first"
screen_shows '0 added, 1 changed, 1 the same' "nor with --yes"
is "$(screen_exit)" 'exit 0' "which imports at once"
done_testing
