# produce.sh - the figures of producing; read by run.sh, whose server, samples and wants() it uses. Higher is better here: rows or
# calls a second, nightbell (a) and the floor (b) in turn.
#
# The floors insert into bench.floor: the columns, indexes, constraints and foreign keys of notifications, no triggers; their ids come
# from nightbell.uuidv7() too. BENCH_USERS and BENCH_LINES: how many recipients and lines (06-measures says 1 M of each: an hour).
produce_figures='notify_1 notify_8 notify_32 batch_100 file broadcast announce service'
users=${BENCH_USERS:-$([ -n "$quick" ] && echo 5000 || echo 100000)}
lines=${BENCH_LINES:-$([ -n "$quick" ] && echo 5000 || echo 60000)}
seconds=$([ -n "$quick" ] && echo 1 || echo 3)
produce_tenant=00000000-0000-4000-8000-00000000be00
wants_only_producing() {
    case $wanted in notify* | batch* | file* | broadcast* | announce* | service* | publish* | match* | audience* | digests* | worker* | drain* | sending* | page_bulk | page_dead | page_hanging | hanging* | webhooks_out | smtp*) return 0 ;; esac
    return 1
}
produce_sql() { "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 "$BENCH_ADMIN_DSN" "$@"; }
sample() { echo "$1 $2 $3" >>"$samples"; }

# What pgbench runs: the same values in each.
produce_scripts() {
    local user="('00000000-0000-4000-9000-' || lpad((:u)::text, 12, '0'))::uuid" set='\set u random(1, '$users')
\set n random(1, 1000000000)' message="'There are twenty euros more in it: number ' || (:n)::text"
    local data="jsonb_build_object('transactionId', (:n)::text, 'amount', 20, 'currency', 'EUR')"
    local rest="'Your wallet was topped up', $message, $data, 'https://wallet.example/transactions/1'"
    echo "$set
SELECT nightbell.notify('$produce_tenant', $user, 'WALLET_TOP_UP', $rest);" >"$test_dir/notify.pgb"
    echo "$set
INSERT INTO bench.floor (id, tenant_id, user_id, type, title, message, data, link, channel, urgency)
VALUES (nightbell.uuidv7(), '$produce_tenant', $user, 'WALLET_TOP_UP', $rest, 'in_app', 'normal');" | sed 'N;N;N;s/\n\(VALUES\)/ \1/' >"$test_dir/insert.pgb"
    echo "$set
SELECT nightbell.announce('$produce_tenant', 'WALLET_TOP_UP', $rest);" >"$test_dir/announce.pgb"
    echo "$set
INSERT INTO bench.floor_announcements (id, tenant_id, type, title, message, data, link, channel, urgency) VALUES (nightbell.uuidv7(), '$produce_tenant', 'WALLET_TOP_UP', $rest, 'in_app', 'normal');" >"$test_dir/announced.pgb"
}

# turns FIGURE CLIENTS RING-A SCRIPT-A RING-B SCRIPT-B: calls a second, in turn
calls() { # CLIENTS RING SCRIPT
    local login=user=nightbell_producing
    case $3 in insert | announced) login=user=postgres ;; esac
    PGOPTIONS="-c nightbell.ring=$2" "$pg_bin/pgbench" -n -M prepared -c "$1" -j $(($1 > 1 ? 2 : 1)) -T "$seconds" -f "$test_dir/$3.pgb" \
        "host=$cluster_dir dbname=nightbell $login" 2>"$test_dir/pgbench.err" | awk '/^tps/ { print $3 }'
}
turns() {
    local round
    wants "$1" || return 0
    for round in $(seq "$ROUNDS"); do
        sample "$1" a "$(calls "$2" "$3" "$4")"
        sample "$1" b "$(calls "$2" "$5" "$6")"
    done
}
# timed FIGURE SIDE ROWS command…: rows a second
timed() {
    local figure=$1 side=$2 rows=$3 begin=$(date +%s%N)
    shift 3
    "$@" || { say "failed: $*"; return; }
    sample "$figure" "$side" "$(echo "$rows $begin $(date +%s%N)" | awk '{ print $1 * 1e9 / ($3 - $2) }')"
}

produce_file() {
    awk -v n="$lines" -v users="$users" -v tenant=$produce_tenant -v json="$test_dir/lines.json" -v copy="$test_dir/lines.copy" 'BEGIN {
        for (i = 1; i <= n; i++) {
            user = sprintf("00000000-0000-4000-9000-%012d", i * 7919 % users + 1)
            data = "{\"transactionId\": \"" i "\", \"amount\": 20, \"currency\": \"EUR\"}"
            printf "{\"tenant\": \"%s\", \"user\": \"%s\", \"type\": \"WALLET_TOP_UP\", \"title\": \"Your wallet was topped up\", \"message\": \"There are twenty euros more in it: number %d of round @\", \"data\": %s, \"link\": \"https://wallet.example/transactions/1\"}\n", tenant, user, i, data >json
            printf "%s\t%s\tWALLET_TOP_UP\tYour wallet was topped up\tThere are twenty euros more in it: number %d of round 1\t%s\thttps://wallet.example/transactions/1\tin_app\tnormal\n", tenant, user, i, data >copy
        } }'
    for round in $(seq "$ROUNDS"); do
        sed "s/ of round @/ of round $round/" "$test_dir/lines.json" >"$test_dir/lines"
        # the ids of COPY are made beforehand
        produce_sql -c "SELECT nightbell.uuidv7() FROM generate_series(1, $lines)" | paste - "$test_dir/lines.copy" >"$test_dir/copy"
        NIGHTBELL_DSN=$cluster_producer_dsn timed file a "$lines" "$nightbell" notify --quiet --file "$test_dir/lines"
        timed file b "$lines" produce_sql -c "\\copy bench.floor (id, tenant_id, user_id, type, title, message, data, link, channel, urgency) FROM '$test_dir/copy'"
    done
}
produce_broadcast() {
    local round
    for round in $(seq "$ROUNDS"); do
        produce_sql -c 'TRUNCATE bench.floor, nightbell.notifications'
        timed broadcast a "$users" "$pg_bin/psql" -Xq -o /dev/null "$cluster_producer_dsn" -c "SET nightbell.ring = 'deferred'; SELECT nightbell.broadcast('$produce_tenant', 'tenant', NULL,
            'BROADCAST_MESSAGE', 'To everybody', 'Round $round: the doors open at eight.', '{\"messageId\": \"m$round\"}')"
        timed broadcast b "$users" produce_sql -c "INSERT INTO bench.floor (id, tenant_id, user_id, type, title, message, data, channel, urgency)
            SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'BROADCAST_MESSAGE', 'To everybody', 'Round $round: the doors open at eight.',
                '{\"messageId\": \"m$round\"}', 'in_app', 'normal' FROM nightbell.users u WHERE u.tenant_id = '$produce_tenant'"
    done
}

# A service in Python, where there is one to be had: python3-fastapi python3-uvicorn python3-asyncpg python3-sqlalchemy wrk.
produce_service() {
    local round port=$((20000 + $$ % 20000)) up
    if ! "${PYTHON:-/usr/bin/python3}" -c 'import asyncpg, fastapi, sqlalchemy.ext.asyncio, uvicorn' 2>/dev/null || ! command -v wrk >/dev/null; then
        say "service left out. What it needs is installed by ./bootstrap bench, or: apt-get install python3-fastapi python3-uvicorn python3-asyncpg python3-sqlalchemy wrk"
        return
    fi
    cat >"$test_dir/post.lua" <<END
wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
local seed = 0
function init(arguments) math.randomseed(os.time()) end
function request()
    local n = math.random(1, 1000000000)
    return wrk.format(nil, "/notify", nil, string.format([[{"tenant": "$produce_tenant", "user": "00000000-0000-4000-9000-%012d", "type": "WALLET_TOP_UP",
        "title": "Your wallet was topped up", "message": "There are twenty euros more in it: number %d", "link": "https://wallet.example/transactions/1",
        "data": "{\\"transactionId\\": \\"%d\\", \\"amount\\": 20, \\"currency\\": \\"EUR\\"}"}]], math.random(1, $users), n, n))
end
END
    BENCH_SERVICE_DSN="postgresql+asyncpg://postgres@/nightbell?host=$cluster_dir" "${PYTHON:-/usr/bin/python3}" -m uvicorn --app-dir "$srcdir/bench" \
        --workers 2 --port $port --log-level warning --no-access-log service:app &
    service=$!
    end_service() { kill "$service" 2>/dev/null; }
    at_exit end_service
    up() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
    wait_for 30 up || return 1
    for round in $(seq "$ROUNDS"); do
        sample service a "$(calls 8 deferred notify)"
        sample service b "$(wrk -t 1 -c 8 -d "$seconds" -s "$test_dir/post.lua" "http://127.0.0.1:$port/notify" |
            awk '/Non-2xx/ { bad = 1 } /^Requests.sec/ { rate = $2 } END { if (!bad) print rate }')"
    done
    end_service
    wait "$service" 2>/dev/null
}

measure_producing() {
    wants $produce_figures || return 0
    say "producing: $users users"
    produce_sql -v users="$users" -f "$srcdir/bench/produce.sql" || return 1
    produce_scripts
    turns notify_1 1 deferred notify deferred insert
    turns notify_8 8 deferred notify deferred insert
    turns notify_32 32 deferred notify deferred insert
    turns announce 8 deferred announce deferred announced
    if wants batch_100; then
        PGOPTIONS='-c nightbell.ring=deferred' BENCH_PRODUCER_DSN=$cluster_producer_dsn BENCH_TENANT=$produce_tenant BENCH_USERS=$users \
            BENCH_BATCHES=$([ -n "$quick" ] && echo 20 || echo 200) "$bench/produce" >>"$samples"
    fi
    if wants service; then produce_service; fi
    say "file, broadcast"
    if wants file; then produce_file; fi
    if wants broadcast; then produce_broadcast; fi
}
