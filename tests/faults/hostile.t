#!/bin/bash
# Hostile text in every field that a producer can write: nothing of it acts on a terminal, in no sink.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
# Every kind of attack, each ending in a word that shows that the text itself arrived: clear, title, C1, 8-bit CSI, bidi,
# zero width, tags, line separators, carriage return, backspace, bell, charset shift, query, hyperlink, clipboard.
attack() { printf 'A\e[2J\e[31mRED\e]0;PWNED\a\e]52;c;cHduZWQ=\a\e]8;;http://evil\e\\\xc2\x9b31m\xc2\x9d0;PWNED\xc2\x9c\xe2\x80\xaeEVIL\xe2\x80\xac\xe2\x81\xa6I\xe2\x81\xa9\xe2\x80\x8bZ\xf3\xa0\x81\xb8\xe2\x80\xa8L\xe2\x80\xa9\xc2\x85N\rR\bB\a\x0e\x0f\e[6n\e[c\x7f\xc2\xadS\xd8\x9cM%s' "$1"; }
# NUL and lone surrogates cannot be stored in PostgreSQL; everything else can.
title=$(attack Title) message=$(attack Message) key=$(attack Key)

# Written to the tables directly, because the functions refuse the worst of it: whatever is stored must be harmless.
"$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v "t=$title" -v "m=$message" -v "k=$key" -v "acme=$ACME" -v "ada=$ADA" -v "bob=$BOB" <<'END'
INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, type, title, message, data, actions)
SELECT nightbell.uuidv7(), :'acme', u::uuid, :'bob', 'TEST_NOTE', :'t', :'m',
       jsonb_build_object(:'k', :'m', 'list', jsonb_build_array(:'t')), jsonb_build_array(jsonb_build_object('id', :'t', 'label', :'t', 'link', :'t'))
FROM unnest(ARRAY[:'ada', :'bob']) AS u;
INSERT INTO nightbell.admin_system_events (event_type, severity, description, details, tenant_id, fingerprint, source)
VALUES (left(:'t', 100), 'critical', :'m', jsonb_build_object(:'k', :'m'), :'acme', :'k', :'t');
END
ok "hostile events and notifications are stored" \
    test 3 = "$(psql_do "SELECT (SELECT count(*) FROM nightbell.notifications WHERE title LIKE '%Title%') +
                                (SELECT count(*) FROM nightbell.admin_system_events WHERE description LIKE '%Message%')")"
psql_do "UPDATE nightbell.users SET name = E'b\\u202eo\\u001b[31mb' WHERE id = '$BOB'; UPDATE nightbell.tenants SET name = E'ac\\u009bme\\u2028' WHERE id = '$ACME'"

# What may stand in the output: the program's own sequences. Everything hostile would show as one of these.
acts() {
    local file=$1
    LC_ALL=C grep -qaP '\xc2[\x80-\x9f]|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xf3\xa0[\x80\x81]|\xd8\x9c|\xc2\xad|\xef\xbb\xbf' "$file" ||
        LC_ALL=C grep -qaP '\x1b\]0;PWNED|\x1b\]52;c;cHdu|\x1b\]8;;http://evil|\x1b\[31mRED|\x1b\[6n|\x1b\[c|A\x1b\[2J' "$file"
}
looks() { not_ok "$1: nothing of it acts" acts "$(screen_raw)"; }

console_start ada
screen_wait 'Title'
looks "the inbox"
keys '<Enter>'
screen_wait 'Message'
looks "the detail, with JSON"
keys '<Esc>' ':' 'no such ' '<Esc>' '/' 'Title' '<Enter>'
screen_idle
looks "search"
keys 'y' 'j'
screen_idle
looks "the clipboard (its content is base64)"
keys 'f' 'type:' '"' '<Enter>' '<Esc>'
screen_idle
looks "a wrong filter"
unlike "$(screen_title)" 'PWNED' "the window title is the program's"
screen_end

console_start -n operator bob 100x30
keys 2
screen_wait 'CRIT'
looks "events"
keys '<Enter>'
screen_idle
looks "an event's detail"
keys '<Esc>' a
screen_idle 300
keys '<Esc>' X
screen_idle
paste "$(printf 'note \e[31m \xe2\x80\xae \xc2\x9b2J end')"
keys '<Enter>'
screen_idle 300
looks "after acts with a hostile note"
keys '<Enter>'
screen_idle
looks "its history, with a hostile name"
screen_end

# The text has to be in the output, or the test would prove nothing.
harmless() {
    local name=$1 word=$2
    shift 2
    run person "$@"
    is_status 0 "$name"
    like "$out" "$word" "$name: it is there"
    not_ok "$name: nothing acts" acts "$test_dir/stdout"
}
harmless "nightbell inbox list" Title ada "$nightbell" inbox list
harmless "nightbell inbox list Title" Title ada "$nightbell" inbox list Title
id=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$ADA'")
harmless "nightbell inbox show" Message ada "$nightbell" inbox show "$id"
harmless "nightbell events list" Message bob "$nightbell" events list
harmless "nightbell events show" Message bob "$nightbell" events show "$(psql_do 'SELECT max(id) FROM nightbell.admin_system_events')"
harmless "nightbell inbox list --json" Title ada "$nightbell" inbox list --json
ok "and valid" jq -se . "$test_dir/stdout"
run person ada "$nightbell" inbox show "$(attack x)"
like "$err" 'RED' "an error repeats its input"
not_ok "which does not act either" acts "$test_dir/stderr"
run person ada "$nightbell" inbox list "type:$(attack x)"
not_ok "nor does a refused filter" acts "$test_dir/stderr"
done_testing
