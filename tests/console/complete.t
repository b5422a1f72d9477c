#!/bin/bash
# Tab in the prompts for filters and commands: what the database knows comes without anything waiting for it.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"

cluster_start
export XDG_STATE_HOME=$test_dir/state XDG_CONFIG_HOME=$test_dir/config
mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME/nightbell"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) VALUES ('$ACME', gen_random_uuid(), 'Zoë de Vries')" >/dev/null
psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'from bob', 'm', actor => '$BOB'::uuid)" >/dev/null
notify ada plain >/dev/null
psql_do "SELECT nightbell.notify('$GLOBEX', '$MALLORY', 'TEST_NOTE', 'elsewhere', 'm', actor => '$MALLORY'::uuid)" >/dev/null
incident high slow_query 'a slow query' >/dev/null
incident low job_failure 'a failed job' >/dev/null
psql_do "SELECT nightbell.raise_event('secret_of_globex', 'high', 'x', tenant => '$GLOBEX', source => 'globex-mailer')" >/dev/null

# -- the inbox, of a reader
console_start -n ada ada 120x20
keys ':filter<Enter>' '<C-u>type:book<Tab>'
screen_shows '^filter: type:BOOKING_C$' "a type, whatever the case: what all have in common"
screen_shows 'type:BOOKING_CANCELLED  type:BOOKING_' "and those there are"
keys '<C-u>type:TEST<Tab>'
screen_shows '^filter: type:TEST_NOTE *$' "the only one is filled in"
keys 'actor:b<Tab>'
screen_shows '^filter: type:TEST_NOTE actor:bob *$' "behind one blank: people whose deeds the inbox tells of"
keys '<C-u>actor:<Tab>'
screen_shows 'actor:me  actor:none  actor:bob$' "with the words that stand for people, and nobody of another tenant"
keys '<C-u>actor:zz<Tab>'
screen_shows 'nothing begins so' "nothing is said, too"
keys '<C-u>type:TEST_NOTE,BOOKING_C<Tab>'
screen_shows '^filter: type:TEST_NOTE,BOOKING_C' "behind a comma the next value"
keys '<C-u>-type:TEST<Tab>'
screen_shows '^filter: -type:TEST_NOTE *$' "behind a dash"
keys '<C-u>is:ar<Tab>'
screen_shows '^filter: is:archived *$' "words of the language as before"
keys '<C-g>'

# -- a filter without a match
keys ':filter type:TEST<Enter>'
screen_shows 'no notification matches  type:TEST$' "a type that there is none of"
screen_shows 'type:TEST has no match: type:TEST\* would have some' "says that what begins so would match"
keys ':filter type:NOSUCH<Enter>'
screen_wait 'no notification matches  type:NOSUCH'
screen_lacks 'would have some' "and says nothing where that would not match either"
keys ':filter type:TEST*<Enter>'
screen_shows 'from bob' "it does"
keys ':filter-clear<Enter>'
screen_wait '^ all '

# -- many of one word: the beginning that was typed is asked for
psql_do "INSERT INTO nightbell.notification_types (type, module, description)
    SELECT 'MANY_' || lpad(i::text, 3, '0'), 'test', 'of many' FROM generate_series(1, 120) i" >/dev/null
keys ':filter<Enter>' '<C-u>type:many_11<Tab>'
screen_shows 'type:MANY_110  type:MANY_111' "a type behind the first fifty is found, and one that is new since the last prompt"
keys '9<Tab>'
screen_shows '^filter: type:MANY_119 *$' "to its end"
keys '<C-g>'

# -- nothing waits
server_freeze
keys ':filter<Enter>' '<C-u>type:TEST<Tab>'
screen_shows 'looking up what there is' "Tab says that the answer is under way"
keys '_N'
screen_shows '^filter: type:TEST_N$' "and typing goes on meanwhile"
keys '<Tab>'
screen_wait 'looking up'
server_thaw
screen_shows '^filter: type:TEST_NOTE *$' "it completes when the answer comes"
keys '<C-g>'
server_stop fast
screen_wait 'no database'
keys ':filter<Enter>' '<C-u>type:MANY_05<Tab>'
screen_shows 'the database is not there to look this up' "without a database Tab says so"
keys '<C-u>type:TEST<Tab>'
screen_shows 'the database is not there|filter: type:TEST_NOTE' "and does not hang"
keys '<C-g>'
server_start
console_quit "a reader's console"

# -- the events, of an operator
console_start -n bob bob 120x20
keys ':view ev<Tab>'
screen_shows '^:view events *$' "screens"
keys '<Enter>'
screen_wait 'a slow query'
keys ':filter<Enter>' '<C-u>type:slow<Tab>'
screen_shows '^filter: type:slow_query *$' "types of events"
keys 'source:te<Tab>'
screen_shows 'slow_query source:tests *$' "sources"
keys 'assigned:zo<Tab>'
screen_shows 'source:tests assigned:"Zoë de Vries" *$' "people, in quotes where a blank would part them"
keys '<C-u>source:<Tab>'
screen_shows '^filter: source:$' "nothing of another tenant"
screen_shows 'source:none  source:tests$' "is offered"
keys '<C-u>tenant:<Tab>'
screen_shows 'tenant:none  tenant:acme$' "the tenant"
keys '<C-g>' ':filter se<Tab>'
screen_shows '^:filter severity:$' "a filter behind its command too"
keys '<C-u>filter type:job<Tab>'
screen_shows '^:filter type:job_failure *$' "with what the database knows"
keys '<C-u>assign zo<Tab>'
screen_shows '^:assign "Zoë de Vries" *$' "whom to assign to"
keys '<C-u>assign "Zo<Tab>'
screen_shows '^:assign "Zoë de Vries" *$' "with the quote typed already"
keys '<Enter>'
screen_shows 'assigned #[0-9]+ .*Zoë de Vries' "and it is one word"
keys ':sort se<Tab>'
screen_shows '^:sort se' "orders"
screen_shows '  severity|seen' "both that begin so"
keys '<C-u>copy j<Tab>'
screen_shows '^:copy json *$' "what to copy"
keys '<C-u>snooze tom<Tab>'
screen_shows '^:snooze tomorrow *$' "times"
keys '<C-u>resolve --n<Tab>'
screen_shows '^:resolve --note *$' "options"
keys '<C-u>set view ev<Tab>'
screen_shows '^:set view events *$' "values of options"
keys '<C-u>keymap e<Tab>'
screen_shows '^:keymap emacs *$' "keymaps"
keys '<C-g>'
console_quit "an operator's console"

# -- of everything
console_start -n olga olga 120x20
keys ':view events<Enter>'
screen_wait 'a slow query'
keys ':filter<Enter>' '<C-u>tenant:gl<Tab>'
screen_shows '^filter: tenant:globex *$' "a global operator gets the tenants that have events"
keys 'type:se<Tab>'
screen_shows 'type:secret_of_globex *$' "and their types"
keys '<C-g>'
console_quit "a global operator's console"
done_testing
