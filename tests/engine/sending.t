#!/bin/bash
# A worker that sends: what is queued leaves by its channel's program and is recorded; who hangs delays nobody; what is called back
# stops; what a killed worker had in hand goes again under the same id; SIGTERM waits for what is under way.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
. "$srcdir/tests/engine/sending.sh"
sending_start
unset NIGHTBELL_CHANNELS
export XDG_CONFIG_HOME=$test_dir/none
all_are() { [ "$(count_of "d.status <> '$1'")" = 0 ]; }
is_so() { [ "$(count_of "$1")" = "$2" ]; }
has_begun() { [ "$(sends "$1")" -ge "$2" ]; }
start_worker() {
    rm -f "$test_dir/log.$1"
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_$1" worker --name "working_$1" --channels "$channels" >/dev/null 2>"$test_dir/log.$1" &
    worker=$!
    wait_for 30 grep -q 'worker ready' "$test_dir/log.$1"
}
end_worker() { kill -TERM "$worker" && wait "$worker"; }
at_exit kill_worker
kill_worker() { kill -9 "$worker" 2>/dev/null; }

# -- once
deliver 30 email hello
as_worker 1 --once 2>"$test_dir/log"
is "$(count_of "d.status = 'queued'") $(sends)" '30 0' 'a worker without channels.conf leaves deliveries where they are'
as_worker 1 --once --channels "$test_dir/nowhere" 2>"$test_dir/log"
is $? 3 'one that is named and is not there is refused'
as_worker 1 --once --channels "$channels" 2>"$test_dir/log"
is "$? $(count_of "d.status = 'sent'") $(sends hello)" '0 30 30' 'with it they are sent'
is "$(psql_do "SELECT string_agg(id::text, ' ' ORDER BY id) FROM nightbell.deliveries")" "$(cut -d' ' -f1 "$test_dir/sent" | sort | tr '\n' ' ' | sed 's/ $//')" 'each once'
is "$(psql_do "SELECT DISTINCT concat_ws(' ', a.n, a.outcome, a.provider, a.channel, a.address, a.latency_ms IS NOT NULL) FROM nightbell.attempts a")" '1 sent program email a…@acme.example t' 'each try is recorded'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE sent_at IS NOT NULL AND attempts = 1 AND max_attempts = 4 AND provider = 'program'") $(psql_do 'SELECT count(*) FROM nightbell.delivery_queue')" '30 0' 'and stands in the delivery, and the queue is empty'

# -- what fails, and what it falls back to
psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.attempts"
: >"$test_dir/sent"
deliver 1 email 64
psql_do "UPDATE nightbell.deliveries SET fallback_channels = '{sms}'"
as_worker 1 --once --channels "$channels" 2>"$test_dir/log"
is "$(psql_do "SELECT string_agg(concat_ws(' ', channel, status, error), ', ' ORDER BY channel) FROM nightbell.deliveries")" 'email failed it said 64, sms failed it said 64' \
    'a refusal is a dead letter at once; the same worker sends by the next channel'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries f JOIN nightbell.deliveries d ON d.id = f.fallback_of WHERE f.channel = 'sms'")" 1 'which is linked with it'
psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.attempts"
printf '[channel.email]\nkind = program\ncommand = %s/send\nretries = 2m 1h\n' "$test_dir" >"$test_dir/slow.conf"
deliver 1 email 75
for at in '0 minutes' '1 minute' '3 minutes' '30 minutes' '2 hours' '4 hours'; do
    psql_do "ALTER ROLE working_1 SET nightbell.clock = '$(psql_do "SELECT now() + interval '$at' + interval '1 second'")'"
    as_worker 1 --once --channels "$test_dir/slow.conf" 2>"$test_dir/log"
    tries+=("$(psql_do "SELECT d.attempts || left(d.status, 1) FROM nightbell.deliveries d")")
done
psql_do 'ALTER ROLE working_1 RESET nightbell.clock'
is "${tries[*]}" '1q 1q 2q 2q 3f 3f' "what may heal is tried again when the channel's schedule says, and no more often"

# -- side by side
psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.attempts; DELETE FROM nightbell.breakers"
: >"$test_dir/sent"
: >"$channels"
channel email 'in_flight = 2'
channel sms
start_worker 1
deliver 5 email wait
wait_for 30 has_begun wait 2
is $? 0 'a provider hangs'
deliver 20 sms quick
wait_for 30 is_so "d.channel = 'sms' AND d.status = 'sent'" 20
is $? 0 'the others go on'
is "$(sends wait)" 2 'it has no more than it may have at once'
deliver 1 email page critical
wait_for 30 is_so "d.subject = 'page' AND d.status = 'sent'" 1
is $? 0 'but for what is critical, which has room of its own'

# -- called back
psql_do "SELECT nightbell.delivery_cancel(ARRAY(SELECT id FROM nightbell.deliveries WHERE subject = 'wait'))" >/dev/null
wait_for 30 is_so "d.subject = 'wait' AND d.status = 'cancelled'" 5
is $? 0 'what is under way or in hand can be called back'
is "$(psql_do "SELECT count(*) FROM nightbell.attempts WHERE outcome = 'cancelled'") $(psql_do 'SELECT count(*) FROM nightbell.delivery_queue')" '2 0' 'those that had begun were stopped'

# -- killed
: >"$test_dir/sent"
deliver 2 email wait
wait_for 30 has_begun wait 2
kill -9 "$worker"
wait "$worker" 2>/dev/null
is "$(count_of "d.subject = 'wait' AND d.status = 'sending'")" 2 'a worker dies with two in hand'
start_worker 1
wait_for 30 has_begun wait 4
is $? 0 'the one that follows it under its name sends them again at once'
is "$(sort "$test_dir/sent" | uniq -c | sed 's/^ *//; s/ .* 1 / 1 /' | sort -u)" '2 1 wait' 'under the same ids, as the same attempt'

# -- drained
kill -TERM "$worker"
wait_for 30 grep -q 'worker draining' "$test_dir/log.1"
deliver 1 email late
exec {gate}<>"$test_dir/gate"
printf 'go\ngo\ngo\ngo\n' >&"$gate"
wait "$worker"
is "$?" 0 'SIGTERM ends it'
is "$(count_of "d.subject = 'wait' AND d.status = 'sent'") $(count_of "d.subject = 'late' AND d.status = 'queued'")" '2 1' 'when what was under way is recorded; it takes nothing new'
like "$(cat "$test_dir/log.1")" 'answered=2 in_hand=none' 'and says so'
exec {gate}<&-

# -- the database goes away
start_worker 1
wait_for 30 is_so "d.subject = 'late' AND d.status = 'sent'" 1
is $? 0 'what it left the next one sends'
server_restart fast
deliver 10 sms after
wait_for 60 is_so "d.subject = 'after' AND d.status = 'sent'" 10
is $? 0 'a worker whose server was restarted goes on'
end_worker
is $? 0 'and ends'
done_testing
