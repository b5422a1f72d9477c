#!/bin/bash
# --help, every command's --help, the README, the manual page and the design's list name the same commands.
. "${srcdir:-.}/tests/lib/tap.sh"

# The whole list of the design. Names of what is not built yet stand in `later`: one that appears in the help without leaving
# this list fails, and so does one that left it without being built.
design='inbox list|inbox show|inbox read|inbox unread|inbox archive|inbox delete|inbox read-all|inbox count|events list|events show
events ack|events resolve|events reopen|events assign|events snooze|events note|events count|notify|announce|broadcast|raise|settle|watch|export
db init|db status|db purge|db rotate-partitions|local start|local stop|local status|local env|local destroy
demo load|demo live|demo env|demo clear
publish|deliveries list|deliveries show|deliveries retry|deliveries retry-all|deliveries cancel|deliveries count|prefs show|prefs set
types list|types show|types export|types import|types delete|templates list|templates show|templates export|templates import|templates delete|templates preview|templates check
rules list|rules show|rules export|rules import|rules delete|rules test|users list|users show|users export|users import|users delete
groups list|groups show|groups export|groups import|groups delete|devices list|devices show|devices export|devices import|devices delete
endpoints list|endpoints show|endpoints export|endpoints import|endpoints delete|endpoints mine|endpoints add|endpoints confirm|endpoints code|endpoints remove|endpoints rotate|channels list|channels test|channels vapid-key|channels webhook-secret|channels webhook-key
addresses list|addresses show|addresses export|addresses import|addresses delete|worker|gateway|hub|heartbeats list|heartbeats show|heartbeats export|heartbeats import|heartbeats pause|heartbeats resume|heartbeats delete|heartbeat|windows list|windows show|windows start|windows end|windows export|windows import|windows delete|episodes list|episodes show|episodes export|episodes import|episodes delete
maintenance list|maintenance set|maintenance delete|stats
token mint|token show|token verify|token exchange|token revoke|key add|key list|key retire
apply|export-config|receipts import|whoami|why|completion bash|completion zsh|completion fish|completion words'
later='maintenance'

names() { tr '|' '\n' | sort; }
expected=$(names <<<"$design" | grep -vE "^(${later// /|})( |$)")

# A usage line without the program's name: its command is the words before the first argument or option.
commands_of_usage() { sed -E 's/ *\[(list|show)\]/ \1/; s/^ *//; s/ +(\[|-|[A-Z]|…|inbox\|).*//; s/ +/ /g' | sort -u; }
"$nightbell" --help >"$test_dir/help" || fail "nightbell --help"
sed -n '/^usage/d; /^options of/q; /^  [a-z]/p' "$test_dir/help" | sed -E 's/^  //; s/ {2,}[a-z(].*$//' | commands_of_usage >"$test_dir/help.names"
is "$(cat "$test_dir/help.names")" "$expected" "--help lists what the design says, less what comes later"

while read -r -a words; do
    run "$nightbell" help "${words[@]}"
    like "$out" "^usage: nightbell ${words[0]}( \[?${words[1]:-}\]?)?" "help ${words[*]}"
    run "$nightbell" "${words[@]}" --help
    is_status 0 "${words[*]} --help"
    grep -oE -- '(^|[ [])--[a-z-]+' <<<"$out" | tr -d ' [' >>"$test_dir/options"
done <"$test_dir/help.names"
for name in $later; do
    run "$nightbell" "$name"
    is_status 2 "$name is not there yet"
done

# -- the manual page
contains() { case $1 in *"$2"*) pass "$3" ;; *) fail "$3" ;; esac; }
manual=$builddir/docs/man/nightbell.1
grep '^\.It Ic' "$manual" | sed -E 's/^\.It Ic "(\\&)?//; s/"$//' | commands_of_usage >"$test_dir/manual.names"
is "$(cat "$test_dir/manual.names")" "$expected" "the manual page has the same"
is "$(mandoc -T lint -W style "$manual" 2>/dev/null)" '' "mandoc finds nothing to complain about"
text=$(mandoc -T utf8 "$manual" 2>/dev/null | col -bx)
while read -r option; do
    contains "$text" "$option" "the manual page tells of $option"
done < <(grep -ohE -- '--[a-z-]+' "$test_dir/help" "$test_dir/options" | sort -u)
for variable in $(grep -ohE '"NIGHTBELL_[A-Z_]+"' "$srcdir"/cli/*/*.c "$srcdir"/core/*/*.c "$srcdir"/tui/*/*.c | tr -d '"' | sort -u); do
    case $variable in NIGHTBELL_DATADIR) continue ;; esac # for running in place
    contains "$text" "$variable" "the manual page tells of $variable"
    contains "$(cat "$srcdir/README.md")" "$variable" "so does the README"
done
for word in $(grep -oE '^ +\{"[a-z]+", FILTER_' "$srcdir/core/filter/words.c" | grep -oE '[a-z]+' | sort -u); do
    contains "$text" "$word:" "the manual page tells of the filter word $word:"
done

# -- the README: `nightbell group  a ARGS | b | c`
readme_names() {
    sed -n '/^nightbell  *open the console/,/^```/p; /^nightbell  /p' "$srcdir/README.md" | grep -E '^nightbell [a-z]' |
        sed -E 's/^nightbell +([a-z-]+) +/\1 /; s/ {3,}.*//' | sort -u | while read -r group rest; do
        case " $whole_groups " in *" $group "*) echo "$group" && continue ;; esac
        tr '|' '\n' <<<"$rest" | sed -E "s/^ *\[(list|show)\]/\1/; s/^ *//; s/ .*//; /^[^a-z]/d; /^\$/d; s/^/$group /"
    done | sort -u
}
whole_groups=$(grep -v ' ' "$test_dir/help.names" | paste -sd ' ')
is "$(readme_names | grep -vE '^(inbox|events|deliveries) (\[|--)')" "$expected" "the README has the same"
done_testing
