#!/bin/bash
# The published JSON Schema test suite, every case whose schema is within our subset: what is valid is accepted, what is not is
# refused, by the explaining check and by the fast one. What is beyond the subset is refused as a schema, and counted here.
# Then random schemas and data, as Debian's python3-jsonschema judges them.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"

suites="draft2020-12 /usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests/draft2020-12 libtest-json-schema-acceptance-perl
draft7 /usr/share/json-schema-test-suite/tests/draft7 json-schema-test-suite"
while read -r _ folder package; do
    [ -d "$folder" ] || bail_out "$folder is missing: install Debian's $package (./bootstrap check does)"
done <<<"$suites"
cluster_start

cat >"$test_dir/check.sql" <<'END'
CREATE TEMP TABLE cases (file text, about text, schema text, test text, data text, valid boolean, left_out text,
                         mistake text, problem text, accepted boolean);
\copy cases (file, about, schema, test, data, valid, left_out) FROM pstdin
-- the fast check, as the guard of notification_types makes it
CREATE FUNCTION pg_temp.accepted(schema jsonb, data jsonb) RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce(data @@ ('strict ' || nightbell.accepting(schema, '$'))::jsonpath, false)
        AND (octet_length(data::text) <= nightbell.accepting_size(schema)
             OR nightbell.texts_within(data::text, nightbell.accepting_size(schema))) $$;
UPDATE cases SET mistake = nightbell.schema_mistake(schema::jsonb) WHERE left_out <> 'a NUL character';
UPDATE cases SET problem = nightbell.value_problem(schema::jsonb, data::jsonb),
    accepted = pg_temp.accepted(schema::jsonb, data::jsonb) WHERE left_out = '' AND mistake IS NULL;
SELECT 'file', file, count(*) FILTER (WHERE left_out = ''),
    count(*) FILTER (WHERE left_out = '' AND (mistake IS NOT NULL OR valid <> (problem IS NULL) OR accepted AND NOT valid)),
    count(*) FILTER (WHERE left_out NOT IN ('', 'a NUL character', 'a format that asserts nothing') AND mistake IS NULL)
FROM cases GROUP BY file ORDER BY file;
SELECT 'wrong', file, about, test, schema, data, valid, coalesce(mistake, problem, ''), coalesce(accepted::text, '') FROM cases
WHERE left_out = '' AND (mistake IS NOT NULL OR valid <> (problem IS NULL) OR accepted AND NOT valid)
   OR left_out NOT IN ('', 'a NUL character', 'a format that asserts nothing') AND mistake IS NULL;
SELECT 'out', left_out, count(*) FROM cases WHERE left_out <> '' GROUP BY left_out ORDER BY count(*) DESC, left_out;
SELECT 'sum', count(*), count(*) FILTER (WHERE left_out = ''), count(*) FILTER (WHERE left_out = '' AND valid),
    count(*) FILTER (WHERE accepted) FROM cases;
END
check_cases() {
    local name=$1 least=$2 what file all checked valid wrong unrefused accepted
    "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -f "$test_dir/check.sql" <"$test_dir/cases" >"$test_dir/results" 2>"$test_dir/errors"
    is "$?:$(cat "$test_dir/errors")" "0:" "$name: every case is looked at"
    while IFS='|' read -r what file checked wrong unrefused; do
        [ "$what" = file ] && [ "$checked$wrong$unrefused" != 000 ] || continue
        is "$wrong wrong, $unrefused unrefused" "0 wrong, 0 unrefused" "$name/$file: $checked cases"
    done <"$test_dir/results"
    grep '^wrong' "$test_dir/results" | head -20 | cut -c 1-1000 | sed 's/^/# /'
    IFS='|' read -r what all checked valid accepted <<<"$(grep '^sum' "$test_dir/results")"
    diag "$name: $checked of $all cases checked, $valid of them valid, of which the fast check accepts $accepted"
    sed -n 's/^out|\(.*\)|\(.*\)/#   left out: \2 with \1/p' "$test_dir/results"
    ok "$name: there are some" test "$checked" -gt "$least"
    ok "$name: the fast check knows most of what is valid" test $((accepted * 10)) -gt $((valid * 7))
}
while read -r draft folder _; do
    ok "$draft: its files can be read" bash -c 'python3 "$0" "$1" >"$2"' "$srcdir/tests/schema/json_schema.py" "$folder" "$test_dir/cases"
    check_cases "$draft" 250
done <<<"$suites"

seed=${RANDOM_SEED:-20}
diag "RANDOM_SEED=$seed; another one may be given"
ok "random cases are made" bash -c '/usr/bin/python3 "$0" "$1" 600 >"$2"' "$srcdir/tests/schema/json_schema_random.py" "$seed" "$test_dir/cases"
check_cases random 3000
done_testing
