#!/bin/bash
# make.sh - draws the pictures of docs/screenshots anew: the demonstration's console in a terminal of our own, as PNG.
# Needs the build with its test programs (make check TESTS=), python3-pil, fonts-dejavu-core and fonts-unifont.
#   docs/screenshots/make.sh [NAME…]        all of them, or those named
builddir=${builddir:-$(cd "$(dirname "$0")/../.." && pwd)/build}
. "$(dirname "$0")/../../tests/lib/tap.sh"
. "$srcdir/tests/lib/screen.sh"
: "${PICTURES:=$srcdir/docs/screenshots}"

export NIGHTBELL_LOCAL_DIR=$test_dir/local COLORTERM=truecolor
stop_local() { "$nightbell" local destroy --yes >/dev/null 2>&1; }
at_exit stop_local
"$nightbell" --quiet local start && "$nightbell" --quiet demo load || bail_out "there is no demonstration to draw"

# What has been sent, with what went wrong: by the demonstration's own worker, long enough for second tries and receipts.
send() {
    ! sent || return 0
    "$nightbell" --quiet demo live --steps 60 --every 500
}
sent() { [ -d "$NIGHTBELL_LOCAL_DIR/demo/sent/email" ]; }

picture() {
    local size=${screen_size[$screen_name]} row
    screen_idle 300 || bail_out "$1: the screen does not come to rest"
    {
        for ((row = 0; row < ${size#*x}; row++)); do
            echo "row $(screen_row $row)"
            echo "look $(screen_attributes $row | tr '\n' ';')"
        done
        screen_cursor | sed -nE 's/^([0-9]+)[ ,]+([0-9]+)( visible)?$/cursor \1 \2/p'
    } | /usr/bin/python3 "$srcdir/docs/screenshots/draw.py" "${size%x*}" "${size#*x}" "$PICTURES/$1.png" "${ground:-}" && echo "# drew $1.png"
}
wanted() { [ ${#names[@]} = 0 ] || [[ " ${names[*]} " == *" $1 "* ]]; }
names=("$@")

# scene NAME PERSON COLUMNSxROWS KEYS…: opens the person's console, presses the keys, draws the screen.
scene() {
    local name=$1 person=$2 size=$3
    shift 3
    wanted "$name" || return 0
    eval "$("$nightbell" demo env "$person")"
    screen_start -n "$name" "$size" "$nightbell"
    screen_wait live
    screen_idle 300
    for key in "$@"; do
        keys "$key"
        screen_idle 200
    done
    picture "$name"
    screen_end
}

scene events bob 120x32 2
scene events-side bob 160x36 2 j j
scene event-detail bob 120x36 2 j j '<Enter>'
scene inbox ada 120x28 1 j
scene windows bob 110x28 2 g w
scene heartbeats bob 110x28 2 g h
scene preferences ada 100x32 g p j j j j j j '<Right>' '<Space>'
scene filter bob 120x28 2 f 'severity>=h'
scene snooze bob 120x28 2 j z
scene assign bob 120x28 2 j '<M-a>'
scene palette bob 120x32 2 '<C-p>'
scene help bob 120x40 '?'
scene marked bob 120x28 2 '<Space>' '<Space>' '<Space>'
scene messages bob 100x24 2 a u ":theme nosuchthemewithaverylongnamethatiscut<Enter>" M
scene small bob 40x12 2
ground=light scene light bob 120x28 2 ':' 'theme light<Enter>'
if wanted deliveries || wanted delivery || wanted deliveries-of; then send; fi
scene deliveries bob 120x32 3
scene delivery bob 98x40 3 f 'has:fallback is:arrived<Enter>' '<Enter>' '<Enter>'
scene deliveries-of bob 98x34 1 '/PO-1<Enter>' '<Enter>' '<Enter>'
done_testing
