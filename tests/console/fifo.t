#!/bin/bash
# A FIFO in the place of a configuration file is refused by name; the program does not wait for a writer. What is imported may
# come through a FIFO: the shell's `<(…)` is one.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
export XDG_STATE_HOME=$test_dir/state XDG_CONFIG_HOME=$test_dir/config
config=$XDG_CONFIG_HOME/nightbell
mkdir -p "$XDG_STATE_HOME/nightbell" "$config/keymaps" "$config/themes"
refused() { # NAME WHAT command…: fails in time, and says which file
    local name=$1 file=$2 rc=0
    shift 2
    timeout 20 "$@" </dev/null >"$test_dir/out" 2>&1 || rc=$?
    isnt "$rc" 124 "$name: does not wait"
    isnt "$rc" 0 "$name: fails"
    like "$(cat "$test_dir/out")" "$file" "$name: says which file"
}
mkfifo -m 600 "$test_dir/pipe"
refused "a token file" "$test_dir/pipe" env NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$test_dir/pipe" "$nightbell" whoami
refused "a token to verify" "$test_dir/pipe" env NIGHTBELL_DSN="$cluster_dsn" "$nightbell" token verify "$test_dir/pipe"
mkfifo "$config/config" "$config/keymaps/piped.keys" "$config/themes/piped.theme"
refused "a configuration" config "$nightbell" --check-config
rm "$config/config"

console_start ada 120x20
keys ':keymap piped<Enter>'
screen_shows 'piped.*not a regular file' "a keymap is refused by its name"
screen_shows 'live' "and the console goes on"
mkfifo "$config/keymaps/user.keys"
keys ':keymap default<Enter>'
screen_shows 'user.keys is not a regular file' "one beside a keymap that can be used is told of"
keys ':theme piped<Enter>'
screen_shows 'piped.*not a regular file' "so is a theme"
keys ':whoami<Enter>'
screen_shows 'ada at acme' "and it goes on"
console_quit "after that"
mkfifo "$config/config"
console_start ada 120x20
screen_shows 'nothing has come yet' "with a FIFO for its configuration it starts"
keys ':messages<Enter>'
screen_shows 'config.*not a regular file' "and tells of it"
keys '<Esc>'
screen_gone 'messages'
console_quit "with a FIFO for its configuration"
done_testing
