#!/bin/bash
# What leaves the console: links, actions with links, copies. The screen claims only what happened.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
psql_do "SELECT nightbell.produce_many('notify', ARRAY['{\"tenant\": \"$ACME\", \"user\": \"$ADA\", \"type\": \"BROADCAST_MESSAGE\", \"title\": \"a title\",
    \"message\": \"a message\", \"data\": {\"messageId\": \"1\"}, \"link\": \"https://acme.example/1\",
    \"actions\": [{\"id\": \"yes\", \"label\": \"Approve\", \"link\": \"https://acme.example/yes\"}]}']::jsonb[])" >/dev/null
taken() { psql_do "SELECT coalesce(action_taken, 'none') FROM nightbell.notifications"; }
last_copy() { screen_osc | sed -n 's/^52;c;//p' | tail -1 | base64 -d; }

cat >"$test_dir/opener" <<END
#!/bin/sh
printf '%s\n' "\$@" >>"$test_dir/opened"
exit \$(cat "$test_dir/status")
END
cat >"$test_dir/taker" <<END
#!/bin/sh
cat >"$test_dir/took"
exit \$(cat "$test_dir/status")
END
chmod +x "$test_dir/opener" "$test_dir/taker"

console_start ada 120x20
screen_wait 'a title'
keys ':set link-opener no-such-opener<Enter>' o
screen_shows 'no-such-opener: there is no such program in PATH: link https://acme.example/1 sent to the terminal' "without an opener the link is copied instead"
is "$(last_copy)" "https://acme.example/1" "to the terminal"

echo 3 >"$test_dir/status"
keys ":set link-opener $test_dir/opener --new<Enter>" o
screen_shows 'exit status 3: link https://acme.example/1 sent to the terminal' "an opener that fails is no opening"
is "$(cat "$test_dir/opened")" "$(printf '%s\n' --new https://acme.example/1)" "it got its own argument and the link"
keys ':take-action approve<Enter>'
screen_shows 'exit status 3: link https://acme.example/yes sent to the terminal' "nor is an action taken"
is "$(last_copy)" "https://acme.example/yes" "its link is copied instead"
is "$(taken)" none "and nothing noted"

echo 0 >"$test_dir/status"
keys o
screen_shows 'opener --new took https://acme.example/1' "an opener that takes it"
keys ':take-action approve<Enter>'
screen_shows 'took: Approve' "an action whose link was opened is taken"
is "$(taken)" yes "and noted"

screen_mark
keys y t
screen_shows 'title sent to the terminal' "a copy is sent to the terminal, which may do with it what it likes"
keys ":set copy-command $test_dir/taker<Enter>" y l
screen_shows 'link given to .*/taker' "or to a program"
is "$(cat "$test_dir/took")" "https://acme.example/1" "on its standard input"
echo 7 >"$test_dir/status"
keys y t
screen_shows 'title not copied: .*/taker: exit status 7' "which may fail"
echo 0 >"$test_dir/status"
mkdir "$test_dir/a folder"
cp "$test_dir/opener" "$test_dir/a folder/opener"
opened() { keys o && wait_for 10 test -s "$test_dir/opened" && cat "$test_dir/opened"; }
opens_with() { # VALUE EXPECTED NAME
    rm -f "$test_dir/opened"
    keys ":set link-opener $1<Enter>"
    is "$(opened)" "$2" "$3"
    screen_wait 'took https'
}
link=https://acme.example/1
opens_with "\"$test_dir/opener --new-tab\"" "$(printf '%s\n' --new-tab "$link")" "quotes around a program with its arguments"
opens_with "\"$test_dir/a folder/opener\"" "$link" "a path with a blank"
opens_with "'$test_dir/a folder/opener' --in 'one word'" "$(printf '%s\n' --in 'one word' "$link")" "and one with arguments, one of them of two words"
console_quit "after programs"
done_testing
