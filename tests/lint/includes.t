#!/bin/bash
# Who may know whom: core knows no terminal, the programs speak no SQL, one file knows curses.
. "${srcdir:-.}/tests/lint/lint.sh"

curses='^\s*#\s*include\s*[<"]n?curses|^\s*#\s*include\s*[<"](term|panel|menu|form)\.h'

nothing "core includes neither tui nor cli" grep_c '^\s*#\s*include\s*"(\.\./)*(tui|cli)/' $(c_sources core)
nothing "core includes no curses" grep_c "$curses" $(c_sources core)
nothing "only tui/term/term.c includes curses" grep_c "$curses" $(c_sources cli tui bench | grep -v '^tui/term/term\.c$')
nothing "tui and cli do not include libpq" grep_c '^\s*#\s*include\s*[<"]libpq' $(c_sources cli tui)
nothing "no file includes a .c file" grep_c '^\s*#\s*include\s*["<].*\.c[">]' $(all_c_sources)
nothing "core/base stands on nothing but itself" \
    grep_c '^\s*#\s*include\s*"(?!base/|nightbell\.h|config\.h)' $(c_sources core/base)

sql='"[^"]*\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|FUNCTION|ROLE|SCHEMA|DATABASE)|ALTER\s+(TABLE|ROLE)|(UN)?LISTEN\s|pg_notify\()'
nothing "tui and cli contain no SQL" grep_c "$sql" $(c_sources cli tui)
nothing "SQL of core lives in .sql files" grep_c "$sql" $(c_sources core)
unqualified() { { sources core/sql/queries sql && sources core/sql/server sql; } | xargs -r grep -LE "$1"; }
nothing "a query names its schema" unqualified \
    '\bnightbell\.|\bpg_[a-z_]+\b|\bnow\(|\bset_config\b|\bunnest\(|\bcurrent_setting\b|^ *(LISTEN|UNLISTEN|SET|BEGIN|COMMIT|ROLLBACK|CREATE|ALTER|GRANT|DEALLOCATE)\b'
done_testing
