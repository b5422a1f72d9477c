# sending.sh - what the tests of sending share: channels that are programs, and deliveries for them.
#
#   . "$srcdir/tests/engine/engine.sh"; . "$srcdir/tests/engine/sending.sh"
#   sending_start                 a cluster with workers' logins; email and sms are programs that log what they are given
#   channel NAME [LINES]          adds a channel to $channels: the program $test_dir/send, with more lines of settings
#   deliver COUNT CHANNEL SUBJECT [URGENCY]   queues deliveries to ada
#   sends [SUBJECT]               how many sends of deliveries with that subject have begun
#   count_of CONDITION            how many deliveries are so
#
# The program's exit status is the subject's number where it has one (75: later, 69 …); with the subjects `wait` and `wait75` it waits until
# $test_dir/gate is written to, and then does it.
sending_start() {
    engine_start
    mkfifo "$test_dir/gate"
    channels=$test_dir/channels.conf
    : >"$test_dir/sent"
    cat >"$test_dir/send" <<'PROGRAM'
#!/bin/sh
input=$(cat)
here=${0%/*}
subject=${input#*\"subject\":\"}
subject=${subject%%\"*}
delivery=${input#*\"delivery\":\"}
delivery=${delivery%%\"*}
attempt=${input#*\"attempt\":}
attempt=${attempt%%[!0-9]*}
echo "$delivery $attempt $subject" >>"$here/sent"
case $subject in
wait*) read -r line <"$here/gate"; status=${subject#wait}; exit "${status:-0}" ;;
[0-9]*) echo "it said ${subject}" >&2; exit "$subject" ;;
esac
PROGRAM
    chmod 755 "$test_dir/send"
    : >"$channels"
    channel email
    channel sms
    psql_do "UPDATE nightbell.users SET phone = '+4930123456' WHERE id = '$ADA'"
}

channel() { printf '[channel.%s]\nkind = program\ncommand = %s/send\n%s\n' "$1" "$test_dir" "${2-}" >>"$channels"; }

deliver() {
    psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, urgency, priority, address, subject, body, next_attempt_at)
        SELECT nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', '$2', '${4:-normal}', ('${4:-normal}' = 'critical')::int, 'ada@acme.example', '$3', 'text ' || n, nightbell.clock()
        FROM generate_series(1, $1) AS n"
}

sends() { grep -c " ${1-.*}\$" "$test_dir/sent"; }
count_of() { psql_do "SELECT count(*) FROM nightbell.deliveries d WHERE $1"; }
