#!/bin/bash
# library.t - the installed library: a program outside the tree finds it with pkg-config, notifies, reads, watches; nothing else
# is exported.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"

cluster_start
prefix=$test_dir/prefix

# The build's prefix is another one: DESTDIR takes everything there is to install, as a packager does.
install_library() {
    make -s -C "$builddir" install-libLTLIBRARIES install-includeHEADERS install-pkgconfigDATA DESTDIR="$test_dir/root" &&
        built_prefix=$(sed -n 's/^prefix=//p' "$builddir/core/nightbell.pc") &&
        mv "$test_dir/root$built_prefix" "$prefix" &&
        sed -i "s|^prefix=.*|prefix=$prefix|; s|$built_prefix/|$prefix/|" "$prefix"/lib/pkgconfig/nightbell.pc
}
ok "make install puts the library, its header and its pkg-config file in place" install_library
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

mkdir "$test_dir/outside" && cd "$test_dir/outside" || exit 1
cat >hello.c <<'END'
#include <nightbell.h>
#include <stdio.h>

int main(void)
{
    struct nb_client *client = NULL;
    struct nb_inbox_page *page = NULL;
    struct nb_error err;
    char id[NB_ID_TEXT_SIZE];
    struct nb_notify_input hello = {.user = "00000000-0000-4000-8000-0000000000a1", .type = "TEST_NOTE",
                                    .title = "Hello", .message = "from outside"};

    if (nb_client_open(&client, NULL, &err) < 0 || nb_client_notify(client, &hello, id, &err) < 0 ||
        nb_client_inbox(client, NULL, &page, &err) < 0) {
        fprintf(stderr, "%s: %s\n", err.message, err.hint);
        return 1;
    }
    for (size_t i = 0; i < page->count; i++)
        printf("%s %s: %s\n", page->items[i].id, page->items[i].title, page->items[i].message);
    nb_inbox_page_free(&page);
    nb_client_close(&client);
    return 0;
}
END
# shellcheck disable=SC2046
# A library that was built with a sanitizer wants programs that are, too.
sanitizers=$(grep -oE -- '-fsanitize=[a-z,]+' "$builddir/Makefile" | sort -u | tr '\n' ' ')
build() { ${CC:-cc} -Wall -Werror $sanitizers -o "$1" "$1.c" $(pkg-config --cflags --libs nightbell); }
ok "a program of twenty lines builds against it" build hello

# people at a login that may produce
as() { env NIGHTBELL_DSN="$cluster_producer_dsn" NIGHTBELL_TOKEN_FILE="$(token_file "$1")" "./$2"; }
run as ada hello
is_status 0 "it runs"
like "$out" '^[0-9a-f-]{36} Hello: from outside$' "it notifies, and reads the inbox"
run env NIGHTBELL_DSN="host=$test_dir/nowhere" ./hello
is_status 1 "it fails where there is no server"
like "$err" 'nowhere' "and says which"

cp "$srcdir/tests/commands/library_watch.c" watch.c
ok "a program with a loop of its own builds" build watch
run as bob watch
is_status 0 "it runs"
is "$out" "connected
inbox + first
inbox + second
event + something broke
changed 1
inbox ~ first
acted 1
event ~ something broke
refused filter at column 4" "it is told what happens, by one descriptor"

# the libraries that a program loads with it; none of the server side, such as zlib (ld- is libc's own linker)
readelf -d "$prefix"/lib/libnightbell.so | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' | grep -Ev '^ld-|^lib[a-z]*san$' | LC_ALL=C sort >needed
is "$(tr '\n' ' ' <needed)" "libc libcrypto libjansson libjwt libpq libutf8proc " "the shared library needs these and nothing else"

# The SQL of the schema, the hub and the administrators' commands is the program's alone.
embeds() { grep -qaF -- "$2" "$1"; }
program=$builddir/.libs/nightbell
[ -f "$program" ] || program=$builddir/nightbell
library=$(readlink -f "$prefix/lib/libnightbell.so")
ok "it embeds what a client runs" embeds "$library" 'nightbell.remember_token('
for text in 'CREATE TABLE nightbell.notifications' 'CREATE OR REPLACE FUNCTION' 'CREATE POLICY' 'pg_try_advisory_lock' 'CREATE ROLE'; do
    ok "the program embeds '$text'" embeds "$program" "$text"
    not_ok "the library does not" embeds "$library" "$text"
done

# what the linker sees is what the header declares
nm -D --defined-only "$prefix"/lib/libnightbell.so | awk '$2 == "T" { print $3 }' | LC_ALL=C sort >exported
grep -v "^typedef" "$prefix/include/nightbell.h" | grep -oE "\bnb_[a-z0-9_]+\(" | tr -d "(" | LC_ALL=C sort -u >mentioned
is "$(comm -23 exported mentioned)" "" "nothing is exported that the header does not declare"
like "$(cat exported)" 'nb_client_open' "and what it declares is"
is "$(comm -13 exported mentioned | tr '\n' ' ')" "" "without exception"
cat >strict.c <<'END'
#include <nightbell.h>
int main(void) { return nb_version() == 0; }
END
ok "the header stands alone, also in strict C99" ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -c strict.c -I"$prefix/include"

done_testing
