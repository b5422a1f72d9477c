#!/bin/sh
# pg_bin.sh - prints the directory of the PostgreSQL that tests and measurements use: $NB_PG_BIN where it is set, or else
# the newest of Debian's that is installed, or else that of the first pg_config on the PATH.
set -u
if [ -n "${NB_PG_BIN:-}" ]; then
    echo "$NB_PG_BIN"
    exit 0
fi
newest=$(for server in /usr/lib/postgresql/*/bin/postgres; do
    [ ! -x "$server" ] || echo "$server"
done | sort -t / -k 5,5n | tail -n 1)
if [ -n "$newest" ]; then
    echo "${newest%/postgres}"
else
    pg_config --bindir 2>/dev/null || echo /usr/lib/postgresql/bin
fi
