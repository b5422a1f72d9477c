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

# Which folder may include which, lowest first: a folder's own files, those named behind it, and no others. `core` is all of
# core. A folder stands on what is above it in this list, so there is no circle.
folders=$(
    cat <<'END'
core/base:
core/db: core/base
core/config: core/base core/db
core/model: core/base core/db
core/people: core/base core/db
core/preferences: core/base core/db
core/produce: core/base core/db
core/schema: core/base core/db
core/types: core/base core/db
core/why: core/base core/db
core/template: core/base core/db
core/receipts: core/base
core/recur: core/base core/db
core/channels: core/base
core/sending: core/base core/channels core/db
core/engine: core/base core/channels core/db core/recur core/sending core/template core/why
core/filter: core/base core/model
core/identity: core/base core/db core/model
core/local: core/base core/db core/schema
core/demo: core/base core/db core/schema core/identity core/engine
core/apply: core/base core/db core/config
core/page: core/base core/db core/model core/filter
core/events: core/base core/db core/model core/page
core/deliveries: core/base core/db core/events core/model
core/stats: core/base core/db core/model
core/feed: core/base core/db core/events core/model core/page
core/inbox: core/base core/page
core/hub: core/base core/db core/feed
core/gateway: core/base core/db core/filter core/identity core/model core/page
tui/files: core
tui/list: core
tui/keys: core tui/files
tui/draw: core tui/files
tui/term: core tui/keys tui/draw
tui/config: core tui/files tui/keys tui/draw
tui/host: core tui/keys tui/draw tui/config
tui/modal: core tui/keys tui/draw tui/host
tui/view: core tui/list tui/keys tui/draw tui/config tui/host
tui/views: core tui/keys tui/draw tui/config tui/host tui/view
tui/acts: core tui/list tui/host tui/modal tui/view
tui/console: core tui/files tui/keys tui/draw tui/term tui/config tui/host tui/modal tui/view tui/views tui/acts
tui/handlers: core tui/files tui/keys tui/host tui/modal tui/view tui/views tui/acts tui/console
cli/frame: core tui
cli/rows: core cli/frame tui/draw
cli/commands: core cli/frame cli/rows tui
END
)
# Prints "file:line: folder includes folder" for what the table does not allow, and what is wrong with the table itself.
strangers() {
    TABLE=$1 perl -e '
        my %may;
        for (split /\n/, $ENV{TABLE}) {
            my ($folder, $below) = /^(\S+):(.*)$/ or die "not a line of the table: $_\n";
            $may{$folder}{$folder} = 1;
            for (split " ", $below) {
                print "table: $folder stands on $_, which is not above it\n" if m{/} && !$may{$_};
                $may{$folder}{$_} = 1;
            }
        }
        for my $file (@ARGV) {
            my ($folder) = $file =~ m{^(\w+/\w+)/} or next;
            print "table: no line for $folder\n" unless $may{$folder};
            open my $in, "<", $file or die "$file: $!\n";
            while (<$in>) {
                my ($path) = m{^\s*#\s*include\s*"([^"]+)/[^"/]+"} or next;
                my $there = $path =~ m{^(tui|cli|tests)\b} ? $path : "core/$path";
                my ($top) = $there =~ m{^(\w+)};
                print "$file:$.: $folder includes $there\n" unless $may{$folder}{$there} || $may{$folder}{$top};
            }
        }' $(sources "$2" c h def)
}
for top in core tui cli; do
    nothing "a folder of $top includes only those below it" strangers "$folders" $top
done
server='apply|channels|engine|gateway|receipts|recur|schema|sending|hub|local|demo|template'
nothing "what is installed as libnightbell includes nothing of the server's side" \
    grep_c "^\\s*#\\s*include\\s*\"($server)/" $(c_sources core | grep -vE "^core/($server)/")
like "$(strangers "${folders/tui\/view: core tui\/list/tui\/view: core}" tui)" 'tui/view/rows.h:[0-9]+: tui/view includes tui/list' \
    "and one that is not allowed would be found"
like "$(strangers "${folders/tui\/files: core/tui\/files: core tui\/handlers}" tui)" 'tui/files stands on tui/handlers, which' \
    "and so would a circle in the table"

sql='"[^"]*\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|FUNCTION|ROLE|SCHEMA|DATABASE)|ALTER\s+(TABLE|ROLE)|(UN)?LISTEN\s|pg_notify\()'
nothing "tui and cli contain no SQL" grep_c "$sql" $(c_sources cli tui)
nothing "SQL of core lives in .sql files" grep_c "$sql" $(c_sources core)
unqualified() { { sources core/sql/queries sql && sources core/sql/server sql; } | xargs -r grep -LE "$1"; }
nothing "a query names its schema" unqualified \
    '\bnightbell\.|\bpg_[a-z_]+\b|\bnow\(|\bset_config\b|\bunnest\(|\bcurrent_setting\b|^ *(LISTEN|UNLISTEN|SET|BEGIN|COMMIT|ROLLBACK|CREATE|ALTER|GRANT|DEALLOCATE)\b'
done_testing
