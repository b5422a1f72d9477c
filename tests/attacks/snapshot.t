#!/bin/bash
# Snapshots that outlive what a session rests on. A session of the attacker's keeps one from before the end of a token, a key, a
# role or a person, and hands it on to the next session (pg_export_snapshot, SET TRANSACTION SNAPSHOT): none of them may act
# by what has ended, however young its own transaction is.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/talk.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
console=nightbell_console
gone='what this transaction rests on may have ended since its snapshot was taken: begin another one'
revoke() { psql_do "INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('$1', now() + interval '1 day')"; }

# What a session is and can do: known, rows that it sees, whether it may mark one read and produce.
tried() {
    talk "$1" "SELECT known FROM nightbell.whoami()"
    talk "$1" "SAVEPOINT a; SELECT count(*) > 0 FROM nightbell.notifications"
    talk "$1" "SELECT count(*) FROM nightbell.inbox_set_state('read', '{$ada_row}', '{now}'); ROLLBACK TO a" | sed 's/:.*//'
    talk "$1" "SELECT nightbell.notify(NULL, '$ADA', 'TEST_NOTE', 'from a snapshot', 'm') IS NOT NULL; ROLLBACK TO a" | sed 's/:.*//'
}
everything='t t 1 t '
nothing='f f ERROR ERROR '
number=0
# keep ISOLATION CLAIMS: a token, a session "keeper" that keeps a snapshot in which it is good
keep() {
    number=$((number + 1))
    jti=snapshot-$number
    token=$(mint "$(claims_of ada "$(jq -nc --arg jti "$jti" --argjson more "$2" '{jti: $jti, roles: ["user", "producer"]} + $more')")")
    psql_do "SELECT nightbell.remember_token('$token')" >"$test_dir/quiet"
    talk_open keeper $console "$token"
    snapshot=$(talk keeper "BEGIN ISOLATION LEVEL $1; SELECT pg_export_snapshot()")
}
# hand_on NAME ISOLATION [TOKEN]: another session with the keeper's snapshot
hand_on() {
    talk_open "$1" $console "${3-$token}"
    talk "$1" "BEGIN ISOLATION LEVEL $2; SET TRANSACTION SNAPSHOT '$snapshot'"
    snapshot=$(talk "$1" 'SELECT pg_export_snapshot()')
}

for level in 'REPEATABLE READ' SERIALIZABLE; do
    keep "$level" '{}'
    hand_on before "$level"
    is "$(tried before | tr '\n' ' ')" "$everything" "$level: a snapshot that is handed on, while nothing has ended"
    talk_close before
    snapshot=$(talk keeper 'SELECT pg_export_snapshot()')
    revoke "$jti"
    is "$(tried keeper | tr '\n' ' ')" "$nothing" 'revoked: the transaction that kept its snapshot is nobody'
    is "$(talk keeper 'SELECT reason FROM nightbell.whoami()')" "$gone" 'and is told why'
    hand_on first "$level"
    talk_close keeper
    is "$(tried first | tr '\n' ' ')" "$nothing" 'nor is a younger transaction with that snapshot'
    hand_on second "$level"
    talk_close first
    hand_on third "$level"
    talk_close second
    is "$(tried third | tr '\n' ' ')" "$nothing" 'nor one that got it through others, however old it has become'
    is "$(talk third "SET $parallel_setting = on; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
        SET min_parallel_index_scan_size = 0; SELECT count(*) FROM nightbell.notifications")" 0 'nor its parallel workers'
    talk_close third
done

# A token that was never remembered is verified by the tables as the snapshot has them: the outcome must be the same.
keep 'REPEATABLE READ' '{}'
psql_do "DELETE FROM nightbell.verified_tokens"
revoke "$jti"
hand_on first 'REPEATABLE READ'
is "$(tried first | tr '\n' ' ')" "$nothing" 'a token that has to be verified anew in an old snapshot'
talk_close first
talk_close keeper

# ends NAME CLAIMS SQL SQL: what else can end, and how it is taken back
ends() {
    keep 'REPEATABLE READ' "$2"
    psql_do "$3"
    hand_on first 'REPEATABLE READ'
    is "$(tried first | tr '\n' ' ')" "$nothing" "$1"
    talk_close first
    talk_close keeper
    psql_do "$4"
    keep 'REPEATABLE READ' "$2"
    is "$(tried keeper | tr '\n' ' ')" "$everything" 'and nobody else is kept out'
    talk_close keeper
}
ends 'a person who was deleted' '{}' "UPDATE nightbell.users SET deleted_at = now() WHERE id = '$ADA'" "UPDATE nightbell.users SET deleted_at = NULL WHERE id = '$ADA'"
ends 'a key that was retired' '{}' "UPDATE nightbell.signing_keys SET retired_at = now()" "UPDATE nightbell.signing_keys SET retired_at = NULL"
ends 'a key that is gone' '{}' "CREATE TABLE kept AS TABLE nightbell.signing_keys; DELETE FROM nightbell.signing_keys" \
    "INSERT INTO nightbell.signing_keys SELECT * FROM kept"
psql_do "INSERT INTO nightbell.user_roles VALUES ('$ACME', '$ADA', 'producer')"
ends 'a role that was taken away' '{"roles": null}' "DELETE FROM nightbell.user_roles WHERE user_id = '$ADA' AND role = 'producer'" \
    "INSERT INTO nightbell.user_roles VALUES ('$ACME', '$ADA', 'producer')"
stranger=11111111-0000-4000-8000-000000000001
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) VALUES ('$ACME', '$stranger', 'stranger')"
keep 'REPEATABLE READ' "{\"sub\": \"$stranger\"}"
psql_do "DELETE FROM nightbell.users WHERE id = '$stranger'"
hand_on first 'REPEATABLE READ'
is "$(talk first 'SELECT known FROM nightbell.whoami()')" f 'a person who is gone altogether'
talk_close first
talk_close keeper

# a login that is a person
for end in "UPDATE nightbell.role_identities SET user_id = '$BOB' WHERE role_name = 'ada'" "DELETE FROM nightbell.role_identities WHERE role_name = 'ada'"; do
    talk_open keeper ada
    snapshot=$(talk keeper 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot()')
    psql_do "$end"
    talk_open first ada
    talk first "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '$snapshot'"
    is "$(talk first 'SELECT known FROM nightbell.whoami()')" f "a login: ${end%% *}"
    talk_close first
    talk_close keeper
done

# ---- what has not ended ----
keep 'REPEATABLE READ' '{}'
psql_do "BEGIN; INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('never', now() + interval '1 day'); ROLLBACK"
is "$(tried keeper | tr '\n' ' ')" "$everything" 'a revocation that was rolled back ends nothing'
talk_open ender postgres
talk ender "BEGIN; INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('not yet', now() + interval '1 day')"
is "$(tried keeper | tr '\n' ' ')" "$everything" 'nor one that is not committed'
ok 'and nobody else who ends something waits for it' env PGOPTIONS='-c statement_timeout=5s' "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 \
    -c "INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('at once', now() + interval '1 day')"
talk_close keeper
keep 'REPEATABLE READ' '{}'
talk ender COMMIT
is "$(tried keeper | tr '\n' ' ')" "$nothing" 'committed behind another: seen all the same'
talk_close ender
talk_close keeper

# When a commit fails after all, the transactions of then are refused; the purge sets that right.
talk_open ender postgres
talk ender "BEGIN; INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('failed', now() + interval '1 day'); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK"
keep 'REPEATABLE READ' '{}'
is "$(tried keeper | tr '\n' ' ')" "$nothing" 'an end that failed at its commit keeps old snapshots out, and young ones of that level'
talk_close keeper
talk ender "SELECT count(*) FROM nightbell.purge_bookkeeping()" >"$test_dir/quiet"
keep 'REPEATABLE READ' '{}'
is "$(tried keeper | tr '\n' ' ')" "$everything" 'until the next purge'
talk_close keeper
talk_close ender

# ---- a standby: it remembers nothing, and sees in an old snapshot what ends on the primary ----
as_server "$pg_bin/pg_basebackup" -h "$cluster_dir" -U postgres -D "$cluster_dir/standby" -R -X stream -c fast </dev/null
standby_dir=$test_dir/standby
mkdir "$standby_dir"
own_by_server "$standby_dir"
mv "$cluster_dir/standby" "$standby_dir/data"
standby_end() { pg_down "$standby_dir/data" immediate; }
at_exit standby_end
ok 'a standby starts' pg_up "$standby_dir/data" -k "$standby_dir"
level='REPEATABLE READ' jti=standby
token=$(mint "$(claims_of ada '{"jti": "standby"}')")
on_standby() { PGHOST=$standby_dir talk_open "$@"; }
reads() { talk "$1" 'SELECT known, (SELECT count(*) > 0 FROM nightbell.notifications) FROM nightbell.whoami()'; }
on_standby plain $console "$token"
is "$(reads plain)" 't|t' 'there a token is known'
on_standby keeper $console "$token"
snapshot=$(talk keeper "BEGIN ISOLATION LEVEL $level; SELECT pg_export_snapshot()")
is "$(reads keeper)" 't|t' 'in a transaction that keeps its snapshot too'
revoke "$jti"
ended() { [ "$(reads plain)" = 'f|f' ]; }
ok 'what is revoked on the primary ends on the standby' wait_for 20 ended
is "$(reads keeper)" 'f|f' 'also in the snapshot of before'
on_standby first $console "$token"
talk first "BEGIN ISOLATION LEVEL $level; SET TRANSACTION SNAPSHOT '$snapshot'"
is "$(reads first)" 'f|f' 'and in a session that it was handed to'
for name in plain keeper first; do talk_close $name; done
done_testing
