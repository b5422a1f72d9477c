#!/bin/bash
# Completion of commands, options and values: what can stand where, and the three shells with their scripts, in a terminal.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/screen.sh"

cluster_start
words() { "$nightbell" completion words -- "$@" | cut -f 1 | command paste -sd ' '; }
bob_words() { person bob "$nightbell" completion words -- "$@" | cut -f 1 | command paste -sd ' '; }

# -- the table alone
is "$(words ev)" events "a group"
is "$(words events re)" 'resolve reopen' "a command"
is "$(words events resolve --no)" '--note --no-color' "an option of the command, and one of every command"
is "$(words --check)" '--check-config' "an option of the console"
is "$(words raise --severity '')" 'low medium high critical' "the values of an option"
is "$(words raise --severity h)" high "those that begin so"
is "$(words raise --severity=h)" --severity=high "behind an equals sign too"
is "$(words raise --severity high --ty)" --type "behind a value, options again"
is "$(words export '')" 'inbox events deliveries' "an argument that is one of a few words"
is "$(words export inbox is:u)" 'is:unread' "a word of the filter language, of the subject that was named"
is "$(words events list is:res)" is:resolved "of the group's subject"
is "$(words events list -is:res)" -is:resolved "negated"
is "$(words events list severity:)" 'severity:low severity:medium severity:high severity:critical' "its values"
is "$(words inbox list sev)" '' "and none of another subject's"
is "$(words token verify '')" :files "a file"
is "$(words token mint --output '')" :files "a file of an option"
is "$(words events snooze 5 to)" 'tonight tomorrow' "a time to come"
is "$(words token mint --expires '')" '15m 1h 4h 12h 1d 7d' "how long: nothing that would be refused there"
is "$(words windows start --for 1)" '15m 1h 12h 1d' "for a window too"
is "$(words nonsense '')" '' "nothing behind a group that there is none of"
is "$(words events resolve -- --no)" '' "no options behind --"
like "$("$nightbell" completion words -- ev)" $'^events\t.*event' "with what each means"

# -- what the database knows
id=$(raise high $'so\tfull \e[31m')
is "$(person bob "$nightbell" completion words -- events ack '')" "$id"$'\t''so␉full ␛[31m' "ids of rows, with descriptions that are harmless"
is "$(bob_words events assign "$id" bo)" bob "people"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) VALUES ('$ACME', gen_random_uuid(), 'zz\$(touch/tmp/x)')" >/dev/null
is "$(bob_words events assign "$id" zz)" '' "nobody whose name a shell would run"
psql_do "SELECT nightbell.register_channels('{chat}', '{program}', '{t}')" >/dev/null
is "$(bob_words inbox list channel:c) $(bob_words deliveries list channel:c)" 'channel:chat channel:chat' "channels, those of the installation's own too"
is "$(bob_words notify --channel '')" 'chat email in_app push sms webhook' "those that may be told by"
is "$(bob_words templates preview x --channel c) $(bob_words endpoints add c)" 'chat chat' "and where one is named"
is "$(bob_words endpoints add i)" '' "the inbox has no endpoints"
printf '[channel.fax]\nkind = null\n' >"$test_dir/channels.conf"
is "$(NIGHTBELL_CHANNELS=$test_dir/channels.conf words channels test '')" fax "what can be tested is what channels.conf has"
like "$(bob_words inbox list type:BOOKING)" 'type:BOOKING_CANCELLED' "types"
is "$(bob_words inbox list -type:TEST_NOTE,TEST)" -type:TEST_NOTE,TEST_NOTE "another one behind a comma, negated too"
is "$(bob_words events list type:te)" type:test_event "types of events"
is "$(bob_words events list assigned:bo)" assigned:bob "people in a filter"
is "$(person mallory "$nightbell" completion words -- events list type:te)" '' "of one's own tenant alone"
psql_do "SELECT nightbell.import_templates('$ACME', ARRAY['{\"template_code\":\"po_approved\",\"description\":\"An order\",\"texts\":[{\"channel\":\"sms\",\"body_template\":\"\"}]}'])" >/dev/null
is "$(NIGHTBELL_TENANT=acme person olga "$nightbell" completion words -- templates preview po)" $'po_approved\tAn order' "keys of a tenant's configuration, to an administrator"
is "$(bob_words templates preview po)" '' "and to nobody else"
psql_do "SELECT nightbell.raise_event('test_event', 'low', 'x', tenant => '$ACME', source => 'tests')" >/dev/null
is "$(bob_words raise --type te) $(bob_words windows start --type te)" 'test_event test_event' "system events have types of their own"
is "$(bob_words windows start --source te)" tests "and sources"
is "$(bob_words settle te)" tests "those of a settlement"
psql_do "SELECT nightbell.import_rules('$ACME', ARRAY['{\"rule_id\":\"r\",\"event_type\":\"po_approved\",\"notification_type\":\"TEST_NOTE\",\"recipient_type\":\"role\",\"recipient_value\":\"operator\"}'])" >/dev/null
is "$(NIGHTBELL_TENANT=acme person olga "$nightbell" completion words -- rules test --event '')" $'po_approved\tr' "app events are those that rules wait for"
window=$(person bob "$nightbell" windows start --type x --for 2h --reason upgrade)
psql_do "SELECT nightbell.import_heartbeats('$ACME', ARRAY['{\"heartbeat\":\"queue\",\"every\":\"PT10M\"}'])" >/dev/null
for instance in one two; do person app "$nightbell" heartbeat queue --instance $instance >/dev/null; done
is "$(bob_words windows end now)" "$window" "windows, to an operator who may end them"
is "$(bob_words heartbeats show q)" queue "heartbeats, each once"
is "$(NIGHTBELL_DSN='host=/nonexistent' words events ack '')" '' "nothing, and no complaint, where the database is not there"

# -- the shells themselves
export PATH=$builddir:$PATH
in_shell() {
    local name=$1
    shift
    screen_start -n "$name" 100x30 env NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file bob)" "$@"
    screen_wait 'ready>'
}
check_shell() {
    keys 'nightbell ev<Tab>'
    screen_shows 'nightbell events$' "$1: a group"
    keys 'lis<Tab>'
    screen_shows 'nightbell events list$' "$1: a command"
    keys 'is:res<Tab>'
    screen_shows 'nightbell events list is:resolved$' "$1: a word of the filter, behind its colon"
    keys '--no-c<Tab>'
    screen_shows 'is:resolved --no-color$' "$1: an option"
    keys '<C-u>nightbell raise --severity crit<Tab>'
    screen_shows 'raise --severity critical$' "$1: the value of an option"
    keys "<C-u>nightbell token verify $test_dir/afi<Tab>"
    screen_shows 'token verify .*/afile-for-completion' "$1: a file"
    keys '<C-u>exit<Enter>'
    screen_exit >/dev/null
}
: >"$test_dir/afile-for-completion"

printf '%s\n' 'PS1="ready> "' 'eval "$(nightbell completion bash)"' >"$test_dir/bashrc"
in_shell bash bash --noprofile --rcfile "$test_dir/bashrc" -i
check_shell bash

mkdir "$test_dir/zsh"
printf '%s\n' 'PS1="ready> "' 'autoload -Uz compinit; compinit -u -D' 'eval "$(nightbell completion zsh)"' >"$test_dir/zsh/.zshrc"
in_shell zsh env ZDOTDIR="$test_dir/zsh" zsh -o NO_GLOBAL_RCS -i
check_shell zsh

mkdir -p "$test_dir/home/.config/fish"
printf '%s\n' 'function fish_prompt; echo -n "ready> "; end' 'function fish_greeting; end' 'nightbell completion fish | source' >"$test_dir/home/.config/fish/config.fish"
in_shell fish fish -i
check_shell fish
done_testing
