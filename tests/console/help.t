#!/bin/bash
# The help begins with the view it is opened from: its keys, its filter words, its symbols.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
. "$tests_lib/console.sh"
cluster_start
raise high 'something is wrong' >/dev/null
console_start bob 100x62
first() { screen_row 2 | sed 's/ *$//'; }
keys '2'
screen_wait 'something is wrong'
keys '?'
screen_wait '^ keys and actions'
is "$(first)" Events "in the events, their keys come first"
screen_shows '^  r, x +resolve  :resolve$' "with what they do"
screen_shows '^Filter words of events' "then the words of the filter"
screen_shows '^  severity>=high +and above' "each by an example"
screen_shows '^  -disk -type:test_\* +- before any of them: not' "with what negates"
screen_shows '^  ◷ +snoozed for so long' "and what the symbols mean"
screen_shows '^  ▌ +the current row' "in every list"
keys '/' 'assigned:'
screen_shows '^  assigned:none +who has it' "a search finds words too"
keys '<Enter>' 'q' '1' '?'
screen_wait '^  is:unread +'
is "$(first)" Inbox "in the inbox those of the inbox"
screen_shows '^  ◈ +an announcement' "its symbols"
keys 'G'
screen_shows '^  :quit +quit' "all the rest follows: keys of other views, every action"
keys 'q'
console_quit "after the help"
done_testing
