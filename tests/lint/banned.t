#!/bin/bash
# Calls that are banned in this code, each with what is used instead.
. "${srcdir:-.}/tests/lint/lint.sh"

banned() { nothing "$1: $2" grep_c --no-strings "(?<![A-Za-z0-9_.>])($1)\\s*\\(" "${@:3}"; }

program=$(c_sources core cli tui)
banned 'strcpy|strcat|sprintf|vsprintf|gets|stpcpy|strncat|strncpy' 'strbuf or snprintf' $program
banned 'strtok|strtok_r' 'strspn and strcspn' $program
banned 'atoi|atol|atoll|atof' 'a parser that can refuse' $program
banned 'system|popen' 'fork and exec without a shell' $program
banned 'alloca' 'the heap or an arena' $program
banned 'PQexec|PQexecParams|PQexecPrepared|PQprepare|PQconnectdb|PQconnectdbParams|PQsetdb|PQsetdbLogin|PQreset' \
    'the request queue (db/query.h)' $program
banned 'PQescapeLiteral|PQescapeString|PQescapeStringConn' 'parameters' $program
banned 'malloc|calloc|realloc|strdup|strndup|asprintf|vasprintf' 'nb_malloc and the like' \
    $(c_sources core cli tui | grep -v '^core/base/base\.c$')
banned 'sleep|usleep|nanosleep' 'a timer on the loop' $(c_sources core tui | grep -v '^core/local/server\.c$')
banned 'select' 'nb_loop' $program
banned 'signal' 'sigaction or nb_loop_add_signal' $(c_sources core tui)
banned 'printf|vprintf|puts|putchar|perror|exit|_Exit|quick_exit' 'core neither prints nor exits' \
    $(c_sources core | grep -v '^core/base/base\.c$')
nothing "core does not write to stdout or stderr" grep_c --no-strings '\b(stdout|stderr)\b' \
    $(c_sources core | grep -vE '^core/base/(base|log)\.c$')
nothing "tests wait for conditions instead of sleeping" bash -c '
    grep -rnE "(^|[^a-z_])u?sleep [0-9.]+|(^|[^a-z_-])(u|nano)?sleep\(" tests --include="*.t" --include="*.sh" --include="*.c" |
        grep -vE "^tests/lib/tap\.sh:|pg_sleep|^tests/lint/"'
done_testing
