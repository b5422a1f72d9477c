#!/bin/bash
# Inside tmux, as many people run it: drawn, driven by send-keys, read by capture-pane.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
notify ada "the first" >/dev/null
notify ada "the second" >/dev/null

mux() { tmux -S "$test_dir/tmux" -f /dev/null "$@"; }
end_tmux() { mux kill-server 2>/dev/null; }
at_exit end_tmux
pane() { mux capture-pane -p -t nb; }
pane_shows() { pane | grep -qE -- "$1"; }

NIGHTBELL_DSN=$cluster_dsn NIGHTBELL_TOKEN_FILE=$(token_file ada) mux new-session -d -s nb -x 100 -y 24 "env -u PGHOST -u PGUSER $nightbell; echo left with \$?; cat"
ok "the list is there" wait_for 10 pane_shows 'the second'
ok "live" wait_for 10 pane_shows 'live'
notify ada "the third" >/dev/null
ok "arrivals appear" wait_for 10 pane_shows 'the third'
mux send-keys -t nb g g Enter
ok "a row opens" wait_for 10 pane_shows 'a message'
mux send-keys -t nb Escape
read_one() { test 1 = "$(psql_do 'SELECT count(*) FROM nightbell.notifications WHERE read_at IS NOT NULL')"; }
ok "and is read" wait_for 10 read_one
mux resize-window -t nb -x 60 -y 12
narrow() { pane | grep -q '1 Inbox' && [ "$(pane | wc -L)" -le 60 ]; }
ok "a resize is followed" wait_for 10 narrow
mux send-keys -t nb '?'
ok "help" wait_for 10 pane_shows '^ keys and actions'
mux send-keys -t nb Escape
pane_lacks() { ! pane_shows "$1"; }
ok "Escape leaves it" wait_for 10 pane_lacks 'keys and actions'
mux send-keys -t nb q
ok "q leaves with 0" wait_for 10 pane_shows '^left with 0$'
done_testing
