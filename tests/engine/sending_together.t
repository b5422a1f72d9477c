#!/bin/bash
# Workers that send side by side: together they bother an endpoint no more than its channel says; and one whose connection breaks after its
# answers were recorded, before it heard of it, tells them again, and nothing counts twice.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
. "$srcdir/tests/engine/sending.sh"
sending_start
workers=() relay=
end_all() { kill -9 "${workers[@]}" $relay 2>/dev/null; }
at_exit end_all
start_worker() { # N HOST
    "$nightbell" --dsn "host=$2 dbname=nightbell user=working_$1" worker --name "working_$1" --channels "$channels" >/dev/null 2>"$test_dir/log.$1" &
    workers+=($!)
}
is_so() { [ "$(psql_do "SELECT $1")" = t ]; }
has_begun() { [ "$(sends "$1")" -ge "$2" ]; }
exec {gate}<>"$test_dir/gate"

# -- four at once
: >"$channels"
channel email 'in_flight = 8'
channel sms 'in_flight = 2'
for n in 1 2 3 4; do start_worker $n "$cluster_dir"; done
all_known="(SELECT count(*) = 4 AND max(started_at) < clock_timestamp() - interval '2 seconds' FROM nightbell.workers WHERE channels = '{email,sms}' AND stopped_at IS NULL)"
wait_for 60 is_so "$all_known"
is $? 0 'four workers tell by which channels they send'
deliver 120 email wait
wait_for 60 has_begun wait 8
is $? 0 'a provider hangs'
deliver 20 sms quick
wait_for 60 is_so "(SELECT count(*) = 20 FROM nightbell.deliveries WHERE subject = 'quick' AND status = 'sent')"
is $? 0 'by another one all goes on'
is "$(sends wait)" 8 'it has as many at once as it may have, of all workers together'
for n in 1 2; do kill -TERM "${workers[$((n - 1))]}"; done
for ((n = 0; n < 120; n++)); do echo go >&"$gate"; done
wait_for 60 is_so "(SELECT count(*) = 120 FROM nightbell.deliveries WHERE subject = 'wait' AND status = 'sent')"
is $? 0 'when it answers, all is sent'
wait "${workers[0]}" "${workers[1]}"
is "$(psql_do "SELECT count(*) FROM nightbell.attempts WHERE channel = 'email'") $(sends wait)" '120 120' 'each once'
wait_for 60 is_so "(SELECT count(*) = 2 AND max(stopped_at) < clock_timestamp() - interval '2 seconds' FROM nightbell.workers WHERE stopped_at IS NOT NULL)"
: >"$test_dir/sent"
deliver 120 email wait
wait_for 60 has_begun wait 8
is $? 0 'the two that are left have the whole of it'
for ((n = 0; n < 120; n++)); do echo go >&"$gate"; done
wait_for 60 is_so "(SELECT count(*) = 240 FROM nightbell.deliveries WHERE subject = 'wait' AND status = 'sent')"
kill -TERM "${workers[2]}" "${workers[3]}"
wait "${workers[2]}" "${workers[3]}"

# -- the answer is lost
psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.attempts; DELETE FROM nightbell.decisions"
: >"$test_dir/sent"
: >"$channels"
channel email 'retries = 1s 1s'
mkdir "$test_dir/line"
start_relay() {
    rm -f "$test_dir/line/.s.PGSQL.5432"
    "$builddir/tests/lib/relay" "$test_dir/line/.s.PGSQL.5432" "$cluster_dir/.s.PGSQL.5432" 0 >"$test_dir/turns" &
    relay=$!
    wait_for 10 test -S "$test_dir/line/.s.PGSQL.5432"
}
start_relay
start_worker 1 "$test_dir/line"
deliver 3 email wait
deliver 1 email wait75 # five would open the breaker
wait_for 60 has_begun 'wait.*' 4
is $? 0 'four are under way'
kill -HUP "$relay"
for ((n = 0; n < 4; n++)); do echo go >&"$gate"; done
wait_for 60 is_so "(SELECT count(*) >= 1 FROM nightbell.attempts)"
is $? 0 'answers are recorded, of which the worker hears nothing'
recorded=$(psql_do 'SELECT count(*) FROM nightbell.attempts')
kill "$relay"
wait "$relay" 2>/dev/null
start_relay
for ((n = 0; n < 20; n++)); do echo go >&"$gate"; done
over="(SELECT count(*) = 4 FROM nightbell.deliveries WHERE subject = 'wait' AND status = 'sent' OR subject = 'wait75' AND status = 'failed')"
wait_for 90 is_so "$over"
is $? 0 "its line breaks ($recorded were recorded), and it goes on"
is "$(psql_do "SELECT string_agg(DISTINCT concat_ws(' ', d.subject, d.status, d.attempts, (SELECT string_agg(a.n || a.outcome, ' ' ORDER BY a.n) FROM nightbell.attempts a WHERE a.delivery_id = d.id)), ', ')
    FROM nightbell.deliveries d")" 'wait sent 1 1sent, wait75 failed 3 1retry 2retry 3retry' 'each try counts once, and is recorded once'
is "$(psql_do "SELECT count(*) FROM nightbell.decisions WHERE code = 'failed'")" 1 'and a dead letter is told once'
is "$(sort "$test_dir/sent" | uniq -d)" '' 'nothing was sent again whose answer was recorded'
kill -TERM "${workers[4]}"
wait "${workers[4]}"
is $? 0 'the worker ends'
exec {gate}<&-
done_testing
