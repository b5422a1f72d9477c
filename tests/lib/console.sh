# console.sh - the console of one person in a terminal; after tap.sh, cluster.sh and screen.sh.
#
#   console_start [-n NAME] PERSON [COLSxROWS] [nightbell's arguments…]     and waits until it is live
#   console_quit "name"     presses q; two tests: exit code 0 and a sane terminal
#   row_count REGEX         how many rows of the screen match

console_start() {
    local name=() who size=120x40
    if [ "$1" = -n ]; then
        name=(-n "$2")
        shift 2
    fi
    who=$1
    shift
    if [[ ${1:-} =~ ^[0-9]+x[0-9]+$ ]]; then
        size=$1
        shift
    fi
    screen_start "${name[@]}" "$size" env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" \
        NIGHTBELL_TOKEN_FILE="$(token_file "$who")" "$nightbell" "$@"
    screen_wait 'live'
}
console_quit() {
    keys q
    is "$(screen_exit)" "exit 0" "$1: quits with 0"
    screen_is_sane "$1"
}
row_count() { screen_text | grep -cE -- "$1"; }
