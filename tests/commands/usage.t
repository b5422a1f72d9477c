#!/bin/bash
# What a command line may look like, and what is said when it does not. No database is needed to be wrong.
. "${srcdir:-.}/tests/lib/tap.sh"

export NIGHTBELL_DSN='host=/nonexistent'

# refused CODE 'part of the message' WORD...
refused() {
    local code=$1 message=$2
    shift 2
    run "$nightbell" "$@"
    is_status "$code" "exit code $code: nightbell $*"
    [[ $err == nightbell:*"$message"* ]] && pass "says \"$message\"" || fail "says \"$message\"" "said: $err"
    is "$out" '' "and nothing on stdout"
}

refused 2 'unknown option --frob' --frob
refused 2 'unknown command "inbx": did you mean nightbell inbox?' inbx
refused 2 'inbox has no command "lsit": did you mean nightbell inbox list?' inbox lsit
refused 2 'something is missing: nightbell inbox show ID' inbox show
refused 2 'one argument too many, "b"' inbox show a b
refused 2 'option --limit does not go with nightbell events resolve' events resolve --limit 3 5
refused 2 'option --limit needs a value: N' inbox list --limit
refused 2 'option --json takes no value' inbox list --json=yes
refused 2 'option --limit is given twice' inbox list --limit 3 --limit 4
refused 2 '--limit x: not a whole number between 1 and 1000000' inbox list --limit x
refused 2 '--limit 0: not a whole number' inbox list --limit=0
refused 2 '--limit 99999999999999999999: not a whole number' inbox list --limit 99999999999999999999
refused 2 'unknown option --lim' inbox list --lim 3
refused 2 '"12" is not a notification' inbox show 12
refused 2 'or its last 6 to 12 digits' inbox show 12
refused 2 'is not an event' events ack 12 0x13
refused 2 'is not an event' events ack -1
refused 2 'is not an event' events show 99999999999999999999
refused 2 'is: knows no "frob"' inbox list is:frob
refused 2 'severity' events list 'severity>=urgent'
refused 2 'not a time to come' events snooze 1 yesterday
refused 2 'notify needs --user' notify --type T
refused 2 'raise needs --severity' raise --type t hello
refused 2 'raise needs a description' raise --type t --severity low
refused 2 'severity' raise --type t --severity urgent hello
refused 2 '--tenant x: not a UUID' notify --tenant x --user x --type T --title t --message m
refused 2 '--details: ' raise --type t --severity low --details '{"a":' hello
refused 2 '--title does not go with --file' notify --file - --title x
refused 2 '"hello" does not go with --file' raise --file - hello
refused 2 'unknown option --check-config' inbox --check-config
refused 2 'expected inbox, events or deliveries' export everything
refused 2 '--format xml: there is no such format' export inbox --format xml
refused 2 'contains a secret (password)' inbox --dsn 'host=x password=y'
refused 2 'contains a secret' inbox --dsn 'postgresql://me:secret@host/db'
refused 2 'invalid connection option' inbox --dsn 'hst=x'
refused 5 'No such file or directory' inbox
refused 5 'No such file or directory' watch inbox
refused 1 'the console needs a terminal' </dev/null

# -- options anywhere, values either way, -- ends them
for words in 'inbox list --limit 5' 'inbox --limit 5 list' '--json inbox --limit=5' 'inbox list --limit=5 -- --frob'; do
    run "$nightbell" $words
    is_status 5 "understood: $words"
done
run "$nightbell" inbox list -type:SYSTEM_EVENT
is_status 5 "a negated term needs no quoting"

# -- errors as JSON: the line for people, then the object
run "$nightbell" --json inbox show 12
is_status 2 "with --json too"
like "$(head -n 1 <<<"$err")" '^nightbell: "12" is not' "the first line is for people"
is "$(tail -n 1 <<<"$err" | jq -r '.error | [.code, has("message"), has("hint")] | @csv')" '"invalid",true,true' "the last is an object"
run "$nightbell" inbox --json
is "$(tail -n 1 <<<"$err" | jq -r .error.code)" unreachable "the code says what kind of failure"

# -- without anything
unset NIGHTBELL_DSN
export NIGHTBELL_LOCAL_DIR=$test_dir/none
refused 5 'no database is configured' inbox
like "$err" 'nightbell local start' "and what to do about it"

# -- help and version
for words in --help 'help' '-h'; do
    run "$nightbell" $words
    is_status 0 "nightbell $words"
    like "$out" 'inbox read-all' "lists the commands"
done
run "$nightbell" help events resolve
like "$out" '^usage: nightbell events resolve ID... \[--note TEXT\]' "help of a command"
run "$nightbell" events resolve --help --frob
is_status 2 "a wrong option is wrong beside --help too"
run "$nightbell" --version
like "$out" '^nightbell [0-9]+\.[0-9]+' "version"
done_testing
