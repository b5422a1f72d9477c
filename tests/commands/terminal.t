#!/bin/bash
# Output on a terminal: tables that fit, colour that can be switched off, and never a raw control byte from somebody's text. Then
# output to a pipe that is closed early, and to a full disk.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

# on_terminal COLUMNS PERSON WORD…: stdout and stderr of a command on a terminal of that width, in $out, as sent.
on_terminal() {
    local columns=$1 command
    shift 2
    printf -v command '%q ' "$nightbell" "$@"
    out=$(person "$who" env SHELL=/bin/sh script -qec "stty cols $columns rows 40 -onlcr; $command" /dev/null </dev/null)
}
bob() { who=bob on_terminal "$1" bob "${@:2}"; }
plain() { sed 's/\x1b\[[0-9;]*[mK]//g' <<<"$out"; }
widest() { plain | while IFS= read -r line; do printf '%s\n' "${#line}"; done | sort -n | tail -n 1; }
# Anything below U+0020 but the newline, DEL, C1 controls, bidi and invisible characters, once our own colours are taken away.
raw() { plain | LC_ALL=C grep -caP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xc2\xad|\xd8\x9c|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xf3\xa0'; }

# -- hostile text in every field that a producer can fill
hostile=$'\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\x08\x7f\r\xe2\x80\xaegnp\xe2\x80\xac\xe2\x80\x8b\xc2\xad\xef\xbb\xbf\xf3\xa0\x81\x81end'
psql_do "UPDATE nightbell.users SET name = E'\\x1b[31mboss' WHERE id = '$CAROL'" >/dev/null
jq -nc --arg h "$hostile" --arg u "$BOB" --arg c "$CAROL" '{user: $u, actor: $c, type: "BROADCAST_MESSAGE", title: $h,
    message: ($h + "\nsecond line\twith tab"), link: "https://example.test/\($h)", dedup_key: $h,
    data: {messageId: "1", ($h): [$h, {a: $h}]}}' >"$test_dir/notification"
jq -nc --arg h "$hostile" --arg c "$CAROL" '{event_type: $h, severity: "critical", description: ($h + "\nsecond line"), source: $h,
    fingerprint: $h, user: $c, details: {($h): [$h, {a: $h}]}}' >"$test_dir/event"
person app "$nightbell" raise --file "$test_dir/event" >/dev/null || fail "the hostile event goes in"
person app "$nightbell" notify --file "$test_dir/notification" >"$test_dir/sent" 2>&1
# What the database refuses in a link or title is left out; the rest must go in.
grep -q error "$test_dir/sent" && jq -c --arg u "$BOB" 'del(.link) | .title |= gsub("\r"; "")' "$test_dir/notification" |
    person app "$nightbell" notify --file - >"$test_dir/sent"
id=$(cut -f 2 "$test_dir/sent")
like "$id" '^[0-9a-f-]{36}$' "the hostile notification goes in"
person bob "$nightbell" events note 1 "$hostile" --quiet
person bob "$nightbell" events resolve 1 --note "$hostile" --quiet

psql_do "INSERT INTO nightbell.notification_types (type, module, description, data_schema) SELECT 'HOSTILE', left(t, 20), t,
    jsonb_build_object('title', t, 'properties', jsonb_build_object(t, true), 'examples', jsonb_build_array(t)) FROM (VALUES (\$\$$hostile\$\$)) AS v (t)"

for words in 'inbox' "inbox show $id" 'events' 'events show 1' 'types' 'types export' 'types --json' 'export inbox --format csv' 'export events --format csv' \
    'inbox --json' "inbox show $id --json" 'events --json' 'events show 1 --json' 'export inbox' 'export events'; do
    bob 400 $words
    is "$(raw)" 0 "no raw byte on the terminal: $words"
    [[ $(plain) == *end* ]] && pass "but the text is there" || fail "but the text is there" "$(cat -v <<<"$out")"
done
for words in 'inbox' "inbox show $id" 'events' 'events show 1' 'types' 'types export' 'inbox --json' 'events --json'; do
    run person bob "$nightbell" $words
    out=$(tr -d '\t' <<<"$out")
    is "$(raw)" 0 "nor in a pipe: $words"
done
bob 120 inbox show "$hostile"
is "$(raw)" 0 "nor in an error"
bob 120 inbox list "is:$hostile" --json
is "$(raw)" 0 "nor in an error as JSON"

# -- tables fit
for n in 1 2 3; do person app "$nightbell" raise --type job_failure --severity medium --source mailer \
    "a rather long description of what went wrong tonight, number $n, with 日本語 in it" >/dev/null; done
for columns in 200 120 80 60 40; do
    bob "$columns" events
    is "$(($(widest) <= columns))" 1 "events fit $columns columns"
    like "$(plain)" '◆ medium' "with the severity as a glyph and a word"
    bob "$columns" inbox
    is "$(($(widest) <= columns))" 1 "the inbox fits $columns columns"
    bob "$columns" types
    is "$(($(widest) <= columns))" 1 "types fit $columns columns"
done
bob 120 events
like "$(plain | head -n 1)" 'ID +AGE +SEVERITY +STATE +TYPE +' "a table has a heading"
like "$out" $'\x1b\\[1;36m◆ medium' "and the colours of the console's theme"
COLORFGBG='0;15' bob 120 events
like "$out" $'\x1b\\[38;5;94m◆ medium' "on a light background those of the light one"
mkdir -p "$HOME/.config/nightbell/themes"
echo 'theme = mine' >"$HOME/.config/nightbell/config"
printf 'inherits = dark\nseverity.medium = #ff8700\n' >"$HOME/.config/nightbell/themes/mine.theme"
bob 120 events
like "$out" $'\x1b\\[38;5;208m◆ medium' "or those of the theme that the config names, as far as the terminal has them"
COLORTERM=truecolor bob 120 events
like "$out" $'\x1b\\[38;2;255;135;0m◆ medium' "all of them where it has them"
rm -r "$HOME/.config/nightbell"
bob 120 events --no-color
unlike "$out" $'\x1b' "--no-color has none"
NO_COLOR=1 bob 120 events
unlike "$out" $'\x1b' "nor has NO_COLOR"
TERM=dumb bob 120 events
unlike "$out" $'\x1b' "nor a dumb terminal"
LC_ALL=C bob 120 events type:job_failure
is "$(LC_ALL=C grep -cP '[^\x00-\x7f]' <<<"$out")" 0 "without UTF-8 everything is ASCII"
like "$out" '[+] medium' "the glyphs too, which are the console's"
bob 80 events --limit 2
like "$(plain)" 'there are more: nightbell events list … --before 3' "how to go on"
bob 80 events type:nothing
like "$out" 'nothing matches: type:nothing' "why nothing is shown"

# -- pipes that close, disks that are full
for n in $(seq 3000); do echo "{\"event_type\":\"load\",\"severity\":\"low\",\"description\":\"n $n\"}"; done |
    person app "$nightbell" raise --file - >/dev/null
for words in 'events list --limit 3000' 'events list --limit 3000 --json' 'export events' 'export events --format csv' '--help'; do
    person bob "$nightbell" $words 2>"$test_dir/stderr" | head -n 1 >/dev/null
    is "${PIPESTATUS[0]}$(cat "$test_dir/stderr")" 0 "a closed pipe is no error: $words"
done
run person bob sh -c "'$nightbell' export events >/dev/full"
is_status 1 "a full disk is an error"
like "$err" 'nightbell: writing to standard output: No space left' "and is named"
done_testing
