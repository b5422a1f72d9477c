#!/bin/bash
# The ssh gateway of docs/gateway.md with a real sshd on loopback: the recipe's own files, one system user per person,
# by peer authentication and by token. The accounts exist in a mount namespace of this test's only.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP sshd that lets several accounts in needs root"; exit 0; }
[ -n "${gateway_namespace:-}" ] || exec unshare --mount env gateway_namespace=yes bash "$0" "$@"
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"

# (the sanitizers' build lies in a directory of the ordinary one)
sshd=$builddir/tests/sshd/usr/sbin/sshd
[ -x "$sshd" ] || sshd=$builddir/../tests/sshd/usr/sbin/sshd
[ -x "$sshd" ] || sshd=$srcdir/build/tests/sshd/usr/sbin/sshd # for a build beside the one that bootstrap makes
[ -x "$sshd" ] || sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || bail_out "no sshd: ./bootstrap check brings one"

# -- people of the machine, in this namespace only

person_homes=$test_dir/homes
mkdir -p "$person_homes"
add_account() {
    local name=$1 uid=$2 group=$3
    echo "$name:x:$uid:$3::$person_homes/$name:/bin/sh" >>"$test_dir/passwd"
    echo "$name:*:19000:0:99999:7:::" >>"$test_dir/shadow"
    mkdir -p "$person_homes/$name/.ssh"
    cp "$test_dir/key.pub" "$person_homes/$name/.ssh/authorized_keys"
    chown -R "$uid:$group" "$person_homes/$name"
    chmod 700 "$person_homes/$name"
}
cp /etc/passwd "$test_dir/passwd" && cp /etc/shadow "$test_dir/shadow" && cp /etc/group "$test_dir/group"
printf '%s\n' 'nightbell:x:61000:' 'nightbell-token:x:61001:' >>"$test_dir/group"
grep -q '^sshd:' "$test_dir/passwd" || echo 'sshd:x:61099:65534::/run/sshd:/usr/sbin/nologin' >>"$test_dir/passwd"
ssh-keygen -q -t ed25519 -N '' -f "$test_dir/key"
ssh-keygen -q -t ed25519 -N '' -f "$test_dir/host_key"
add_account ada 61011 61000
add_account bob 61012 61000
add_account dora 61013 61000
add_account carol 61014 61001
for file in passwd shadow group; do mount --bind "$test_dir/$file" "/etc/$file" || bail_out "no bind mounts here"; done

# -- the database: started here, so that it sees the same accounts

cluster_start
psql_do "CREATE ROLE bob LOGIN IN ROLE nightbell_client; CREATE ROLE dora LOGIN IN ROLE nightbell_client;
    INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('bob', '$ACME', '$BOB')" >/dev/null
cat >"$cluster_dir/data/pg_hba.conf" <<'END'
local all       postgres,nightbell_producing trust
local nightbell nightbell_console peer map=people
local nightbell +nightbell_client peer
END
echo 'people carol nightbell_console' >"$cluster_dir/data/pg_ident.conf"
psql_do 'SELECT pg_reload_conf()' >/dev/null

# -- sshd with the recipe's files; only paths and the connection string are this test's

install -m 755 "$nightbell" "$test_dir/nightbell"
install -m 755 "$srcdir/docs/gateway/nightbell-gateway" "$test_dir/nightbell-gateway"
chmod 711 "$person_homes"
mkdir -p /run/sshd
sshd_settings() {
    cat <<END
ListenAddress 127.0.0.1
Port $1
HostKey $test_dir/host_key
PidFile $test_dir/sshd.pid
UsePAM no
PasswordAuthentication no
END
    # since 9.8 it is several programs, and looks for the others where the package would have put them
    [ ! -x "${sshd%/sbin/sshd}/lib/openssh/sshd-session" ] || echo "SshdSessionPath ${sshd%/sbin/sshd}/lib/openssh/sshd-session"
    [ ! -x "${sshd%/sbin/sshd}/lib/openssh/sshd-auth" ] || echo "SshdAuthPath ${sshd%/sbin/sshd}/lib/openssh/sshd-auth"
    sed -e "s|/usr/local/bin/|$test_dir/|" -e "s|host=/var/run/postgresql|host=$cluster_dir|" \
        -e "s|host=db.example|host=$cluster_dir|" -e 's| sslmode=verify-full||' \
        -e "s|SetEnv |SetEnv NIGHTBELL_PROGRAM=$test_dir/nightbell |" "$srcdir"/docs/gateway/sshd_{peer,token}.conf
}
sshd_start() {
    local try
    for try in {1..20}; do
        port=$((20000 + RANDOM))
        sshd_settings "$port" >"$test_dir/sshd_config"
        "$sshd" -f "$test_dir/sshd_config" -E "$test_dir/sshd.log" && wait_for 10 test -s "$test_dir/sshd.pid" && return
    done
    return 1
}
sshd_stop() { [ ! -s "$test_dir/sshd.pid" ] || kill "$(cat "$test_dir/sshd.pid")"; }
at_exit sshd_stop
sshd_start || bail_out "sshd does not take the recipe's files: $(tail -3 "$test_dir/sshd.log")"
ssh_as() {
    local who=$1
    shift
    ssh -F none -i "$test_dir/key" -p "$port" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o UserKnownHostsFile="$test_dir/known_hosts" "$who@127.0.0.1" "$@"
}

# -- peer authentication

notify ada 'for ada' >/dev/null
notify bob 'for bob' >/dev/null
raise high 'the disk is full' >/dev/null
run ssh_as ada inbox list --json
is_status 0 "ada reads her inbox over ssh"
like "$out" '"for ada"' "and finds what is hers"
unlike "$out" 'for bob' "and nothing of bob's"
run ssh_as bob 'events list'
is_status 0 "bob is an operator"
like "$out" 'the disk is full' "and sees the events"
run ssh_as ada events
is_status 4 "ada is not"
run ssh_as dora inbox
is_status 4 "a login that is nobody sees nothing"
like "$err" 'nobody' "and is told why"

run ssh_as ada 'psql -l'
is_status 2 "nothing but nightbell runs"
run ssh_as ada 'inbox $(id) `id` ; id'
unlike "$out$err" 'uid=' "no shell reads the words"
for words in 'nightbell --dsn user=bob inbox' 'inbox --dsn=user=bob' 'inbox --token-file /etc/passwd'; do
    run ssh_as ada "$words"
    is_status 2 "refused: $words"
done
run ssh_as ada -W "127.0.0.1:$port"
isnt "$status" 0 "no forwarding"
like "$err" 'prohibited|forwarding failed' "sshd says so"
not_ok "the account alone does not make ada bob" runuser -u ada -- "$pg_bin/psql" -XqAt -U bob -c 'SELECT 1'
is "$(runuser -u ada -- "$pg_bin/psql" -XqAt -U ada -c 'SELECT count(*) FROM nightbell.notifications')" 1 "psql shows her no more than her own row"

screen_start 100x24 ssh -F none -tt -i "$test_dir/key" -p "$port" -o StrictHostKeyChecking=no -o LogLevel=ERROR \
    -o UserKnownHostsFile="$test_dir/known_hosts" ada@127.0.0.1
screen_wait 'ada@acme.*live'
like "$(screen_text)" 'for ada' "without a command the console opens"
notify ada 'while she looks' >/dev/null
screen_wait 'while she looks'
ok "and is alive" true
keys ':set link-opener /bin/sh<Enter>'
screen_shows 'not in this restricted console' "no program is set"
keys ":export $person_homes/ada/out<Enter>"
screen_shows 'not in this restricted console' "no file is written"
keys ':save-view mine<Enter>'
screen_shows 'saved as mine' "a view is kept as long as the console"
keys q
is "$(screen_exit)" "exit 0" "q ends the session"
is "$(find "$person_homes/ada" -newer "$test_dir/sshd_config" -type f | grep -v '/\.ssh/')" "" "nothing is left in her home"

# -- tokens

notify carol 'for carol' >/dev/null
give_token() {
    make_token carol "$1" >"$person_homes/carol/.token.new"
    chmod 600 "$person_homes/carol/.token.new" && chown carol "$person_homes/carol/.token.new"
    mv "$person_homes/carol/.token.new" "$person_homes/carol/.nightbell-token"
}
run ssh_as carol inbox
isnt "$status" 0 "carol has no token yet"
like "$err" 'nightbell-token' "and is told which file is missing"
give_token 3600
run ssh_as carol inbox
is_status 0 "with a token she reads"
like "$out" 'for carol' "her own"
unlike "$out" 'for ada' "and nobody else's"
give_token -60
run ssh_as carol inbox
is_status 4 "when it has expired she does not"
like "$err" 'expired' "and is told"
chmod 644 "$person_homes/carol/.nightbell-token"
run ssh_as carol inbox
is_status 4 "a token that others can read is refused"
done_testing
