#!/bin/bash
# embed.awk: the same C under every awk, faithful to the files, and clear about what it cannot take.
. "${srcdir:-.}/tests/lib/tap.sh"

embed=$(cd "$srcdir" && pwd)/core/sql/embed.awk
cd "$test_dir" || exit 1
mkdir -p sql/queries sql/server sql/filters sql/migrations sql/functions sql/policies
printf -- '-- A header\n-- for people.\n\nSELECT '\''a"b\\c'\'', $1\n-- kept\n\tFROM t /*filter*/\n' >sql/queries/one.sql
printf 'SELECT 2\r\n' >sql/queries/two_2.sql
printf -- '-- people\n\n-- :is_unread\nread_at IS NULL\n-- :urgency\nurgency = $1\n  OR true\n' >sql/filters/inbox.sql
printf -- '-- stays\nCREATE TABLE æ ();' >sql/migrations/0001_tables.sql
printf -- '-- people\n\nSELECT secret\n' >sql/server/work.sql
printf -- 'CREATE INDEX;' >sql/migrations/0012_more.sql
printf 'SELECT 1;\n' | tee sql/functions/b.sql sql/policies/a.sql >sql/functions/a.sql

run_embed() { $1 -v output="$2" -f "$embed" sql/*/*.sql; }

for awk in mawk gawk 'busybox awk' original-awk; do
    command -v "${awk%% *}" >/dev/null || continue
    reference=${reference:-${awk%% *}}
    for part in ids texts server_ids server_texts; do
        run_embed "$awk" "$part" >"$part.${awk%% *}" || diag "$awk failed"
        ok "$awk: $part are the same" cmp "$part.$reference" "$part.${awk%% *}"
    done
done

cat >print.c <<'END'
#include <stdio.h>
#include "texts.c"
#include "server_texts.c"
int main(void)
{
    for (size_t i = 0; i < NB_SQL_COUNT; i++)
        printf("query %s: %s", nb_sql_queries[i].name, nb_sql_queries[i].text);
    for (size_t i = 0; i < nb_sql_fragment_count; i++)
        printf("fragment %s %s: %s", nb_sql_fragments[i].subject, nb_sql_fragments[i].name, nb_sql_fragments[i].text);
    for (size_t i = 0; i < NB_SERVER_SQL_COUNT; i++)
        printf("server %s: %s", nb_server_queries[i].name, nb_server_queries[i].text);
    for (size_t i = 0; i < nb_sql_migration_count; i++)
        printf("migration %s: %s", nb_sql_migrations[i].name, nb_sql_migrations[i].text);
    for (size_t i = 0; i < nb_sql_definition_count; i++)
        printf("definition %s\n", nb_sql_definitions[i].name);
    printf("version %d\n", nb_sql_schema_version);
    return NB_SQL_ONE + NB_SERVER_SQL_WORK;
}
END
cp "ids.$reference" sql_ids.h && cp "texts.$reference" texts.c
cp "server_ids.$reference" server_sql_ids.h && cp "server_texts.$reference" server_texts.c
${CC:-cc} -I. -I"$(dirname "$embed")/.." -o print print.c
is "$(grep -c 'secret\|CREATE\|SELECT 1' texts.c)" 0 "the client's file has nothing of the server's"
is "$(./print)" \
    "query one: SELECT 'a\"b\\c', \$1
-- kept
$(printf '\t')FROM t /*filter*/
query two_2: SELECT 2$(printf '\r')
fragment inbox is_unread: read_at IS NULL
fragment inbox urgency: urgency = \$1
  OR true
server work: SELECT secret
migration 0001_tables: -- stays
CREATE TABLE æ ();
migration 0012_more: CREATE INDEX;
definition a
definition b
definition a
version 12" "the texts come back as they are in the files, without the header comment"

refuses() {
    local name=$1 message=$2
    run_embed "${AWK:-awk}" texts >/dev/null 2>error
    is "$?: $(cat error)" "1: embed.awk: $message" "refuses $name"
}
: >sql/queries/empty.sql
refuses "an empty query" "sql/queries/empty.sql: is empty"
rm sql/queries/empty.sql
echo 'SELECT 1' >sql/queries/Bad-name.sql
refuses "a name that is no C identifier" "sql/queries/Bad-name.sql: a name consists of a-z, 0-9 and _"
rm sql/queries/Bad-name.sql
echo 'true' >sql/filters/events.sql
refuses "a fragment without a name" 'sql/filters/events.sql: text before the first "-- :name" line'
printf -- '-- :a\ntrue\n-- :a\nfalse\n' >sql/filters/events.sql
refuses "a fragment that comes twice" "sql/filters/events.sql: fragment a comes twice"
done_testing
