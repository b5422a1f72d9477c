#!/bin/bash
# What the tests need is there: a missing tool fails here, by name, instead of leaving tests out silently.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"

have_header() { echo "#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <$1>" | ${CC:-cc} -fsyntax-only -xc -; }

ok "cmocka (libcmocka-dev)" have_header cmocka.h
ok "libvterm (libvterm-dev)" have_header vterm.h
ok "PostgreSQL (postgresql) in $pg_bin" test -x "$pg_bin/postgres"
ok "pgTAP (postgresql-N-pgtap for that version)" test -f "$("$pg_bin/pg_config" --sharedir)/extension/pgtap.control"
ok "tmux" command -v tmux
ok "jq" command -v jq
ok "ctags (universal-ctags)" command -v ctags
ok "cppcheck" command -v cppcheck
ok "clang-format" command -v clang-format
ok "valgrind" command -v valgrind
ok "mandoc" command -v mandoc
ok "col (bsdextrautils)" command -v col
ok "openssl" command -v openssl
ok "perl with Digest::SHA" perl -MDigest::SHA -e 1
ok "setpriv and runuser (util-linux)" command -v runuser
ok "ps (procps)" command -v ps
done_testing
