#!/bin/bash
# A restricted console starts no program and reads and writes no file: every command and key that would says so.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
psql_do "SELECT nightbell.produce_many('notify', ARRAY['{\"tenant\": \"$ACME\", \"user\": \"$ADA\", \"type\": \"BROADCAST_MESSAGE\", \"title\": \"a title\",
    \"message\": \"a message\", \"data\": {\"messageId\": \"1\"}, \"link\": \"https://acme.example/1\",
    \"actions\": [{\"id\": \"yes\", \"label\": \"Approve\", \"link\": \"https://acme.example/yes\"}]}']::jsonb[])" >/dev/null
export XDG_CONFIG_HOME=$test_dir/config XDG_STATE_HOME=$test_dir/state
mkdir -p "$XDG_CONFIG_HOME/nightbell/keymaps" "$XDG_CONFIG_HOME/nightbell/themes" "$XDG_STATE_HOME"
cat >"$test_dir/program" <<END
#!/bin/sh
touch "$test_dir/started"
END
chmod +x "$test_dir/program"
printf '%s\n' "link-opener = $test_dir/program" "copy-command = $test_dir/program" "hints = off" >"$XDG_CONFIG_HOME/nightbell/config"
echo 'j = :quit' >"$XDG_CONFIG_HOME/nightbell/keymaps/user.keys"
cp "$srcdir/themes/mono.theme" "$XDG_CONFIG_HOME/nightbell/themes/mine.theme"

refused() {
    keys '<C-l>' ":$1<Enter>"
    screen_shows "${3:-not in this restricted console}" "$2 is refused"
    keys ':whoami<Enter>'
    screen_wait 'ada at acme'
}
doors() {
    screen_wait 'read  U unread'
    keys j
    refused "open-link" "an opener" 'not in this restricted console: link https://acme.example/1 sent to the terminal'
    refused "take-action approve" "an action's link" 'not in this restricted console: link https://acme.example/yes sent to the terminal'
    is "$(psql_do "SELECT count(action_taken) FROM nightbell.notifications")" 0 "and the action is not taken"
    refused "set link-opener $test_dir/program" "to set an opener"
    refused "set copy-command $test_dir/program" "to set what copies"
    refused "copy id" "no copy command" 'id sent to the terminal'
    refused "export $test_dir/written" "an export"
    refused "export --csv $test_dir/written" "an export as CSV"
    refused "save-screen $test_dir/written" "a picture of the screen"
    refused "suspend" "the shell"
    refused "keymap $XDG_CONFIG_HOME/nightbell/keymaps/user.keys" "a keymap of one's own"
    refused "theme $XDG_CONFIG_HOME/nightbell/themes/mine.theme" "a theme of one's own"
    refused "theme mine" "and one by its name" 'there is no theme mine'
    keys ':keymap vim<Enter>'
    screen_shows 'keymap vim' "the shipped ones are there"
    keys ':save-view mine<Enter>'
    screen_shows 'saved as mine' "a view is saved"
    keys ':saved-view mine<Enter>' ':delete-view mine<Enter>'
    screen_shows 'deleted the saved view mine' "as long as the console runs"
    keys '<C-z>' ':whoami<Enter>'
    screen_shows 'ada at acme' "it does not stop"
    console_quit "$1"
    is "$(find "$test_dir/written" "$test_dir/started" "$XDG_STATE_HOME" -type f 2>/dev/null)" "" "nothing was started or written"
}
console_start -n option ada 100x20 --restricted
doors "by the option"
export NIGHTBELL_RESTRICTED=yes
console_start -n environment ada 100x20
doors "by the environment"
unset NIGHTBELL_RESTRICTED
console_start -n free ada 100x20
keys ':open-link<Enter>'
ok "without it, they are open" wait_for 10 test -e "$test_dir/started"
done_testing
