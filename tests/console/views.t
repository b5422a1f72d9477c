#!/bin/bash
# Saved views: two consoles of one person, names with blanks, a name that exists already; and words that Tab completes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
notify ada 'a title' >/dev/null
export XDG_STATE_HOME=$test_dir/state XDG_CONFIG_HOME=$test_dir/config
mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME/nightbell"
printf 'bell = on\ninbox-filter = nosuch:word\n' >"$XDG_CONFIG_HOME/nightbell/config"
state() { sed -n '/^\[views\]/,$p' "$XDG_STATE_HOME/nightbell/state" | tail -n +2; }

console_start -n first ada 220x20
screen_shows 'config:2: inbox-filter: .*the default holds: all' "a bad filter in the configuration is said"
screen_shows 'a title' "and the default holds"
rm "$XDG_CONFIG_HOME/nightbell/config"
console_start -n second ada 120x20

screen_use first
keys ':filter is:unread<Enter>' ':save-view on call<Enter>'
screen_shows 'saved as on call' "a name may have blanks"
screen_use second
keys ':filter is:archived<Enter>' ':save-view other<Enter>'
screen_wait 'saved as other'
screen_use first
console_quit "the first console"
is "$(state | sort)" "$(printf '%s\n' 'on call = inbox: is:unread' 'other = inbox: is:archived')" "neither console loses the other's view"

screen_use second
keys ':save-view on call<Enter>'
screen_shows 'replace the saved view on call \(inbox: is:unread\)\?' "a name that there is already is asked about"
keys n
is "$(state | grep -c 'on call = inbox: is:unread')" 1 "n leaves it"
keys ':save-view on call<Enter>' y
screen_shows 'saved as on call' "y replaces it"
keys ':filter<Enter>' '<C-u>' 'ty<Tab>TEST_NOTE<Enter>'
screen_shows '^ type:TEST_NOTE ' "Tab puts no blank where a value follows"
keys ':saved<Tab>o<Tab>'
screen_shows '^:saved-view o$' "what all candidates share is filled in"
keys '<Tab>'
screen_shows '^:saved-view on call' "Tab completes commands and saved views"
keys '<C-u>set sti<Tab>'
screen_shows ':set still-seconds' "and options"
keys '<C-u>set bel<Tab>of<Tab>'
screen_shows ':set bell off' "and their values"
keys '<C-u>theme hi<Tab>'
screen_shows ':theme high-contrast' "and themes"
keys '<C-u>saved-view on call<Enter>'
screen_shows '^ is:archived ' "it is applied by its name"
keys 'v'
screen_shows '<Enter> apply .* <C-d> delete' "the menu of saved views says by which key one is deleted"
keys 'on' '<C-d>'
screen_shows 'delete the saved view on call \(inbox: is:[a-z]+\)\? \(y/n\)' "which asks"
keys 'n'
screen_gone 'y/n'
ok "no keeps it" grep -q '^on call = ' "$XDG_STATE_HOME/nightbell/state"
keys 'v'
screen_wait '│▌ on call'
keys '<C-d>'
screen_wait 'delete the saved view on call'
keys 'y'
screen_shows '│▌ other' "yes deletes it, and shows what is left"
not_ok "it is gone from the file" grep -q '^on call = ' "$XDG_STATE_HOME/nightbell/state"
keys '<Esc>'
screen_gone '│▌ other'
keys ':save-view on call<Enter>'
screen_wait 'saved as on call'
keys ':delete-view on call<Enter>'
screen_shows 'deleted the saved view on call' "and deleted by name"
keys ':filter-clear<Enter>'
for n in 1 2 3; do notify ada "match $n" >/dev/null; done
screen_wait 'match 3'
keys g g '/match<Enter>' 0 30 n
screen_shows 'no more matches this way' "a count that is larger than the matches"
screen_shows '^▌.* match 1' "ends on the last one"
console_quit "the second console"
is "$(state)" 'other = inbox: is:archived' "what is left"
done_testing
