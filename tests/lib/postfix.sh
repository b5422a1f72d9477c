# postfix.sh - a Postfix of one's own, as root: private folders, a free port of the loopback, stopped at the end.
#
#   . "${srcdir:-.}/tests/lib/postfix.sh"     after tap.sh; skips the test where there is no Postfix, or no root; brings ca.sh
#   postfix_start [NAME=VALUE…]   further settings of main.cf; $smtp_port then takes mail for $postfix_boxes (names at box.example)
#   postfix_login USER PASSWORD   lets such people log in (Dovecot answers Postfix), before postfix_start
#   mailbox NAME            the folder with the mails of NAME@box.example, one a file
#   wait_for_mails NAME COUNT
#   postfix_bounces DSN     before postfix_start: what comes back to bounces@box.example goes to `nightbell receipts import --mail`, as
#                           docs/mail.md tells; what it said is in $test_dir/bounces; skips the test where nobody may run nightbell
#   free_port               prints a port of the loopback that nobody has
[ "$(id -u)" = 0 ] || skip_all "Postfix runs as root only"
[ -x /usr/sbin/postfix ] || skip_all "Postfix is not installed"
. "$tests_lib/ca.sh"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

dovecot_pid=
postfix_login() {
    local at=$test_dir/dovecot
    mkdir -p "$at/run" && chmod 0755 "$at" "$at/run"
    echo "$1:{PLAIN}$2::::::" >>"$at/users"
    cat >"$at/dovecot.conf" <<END
protocols =
base_dir = $at/run
state_dir = $at/run
log_path = $at/log
ssl = no
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = $at/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$at
}
service auth {
  unix_listener postfix-auth {
    mode = 0666
  }
}
END
    chown -R dovecot: "$at/users" && chmod 0644 "$at/users"
    /usr/sbin/dovecot -F -c "$at/dovecot.conf" &
    dovecot_pid=$!
    wait_for 20 test -S "$at/run/postfix-auth" || bail_out "Dovecot: $(tail -3 "$at/log")"
}

postfix_dir=$test_dir/postfix
postfix_start() {
    mkdir -p "$postfix_dir"/{etc,queue,data,boxes} && chmod 0755 "$postfix_dir" "$postfix_dir"/*
    chown postfix "$postfix_dir/data"
    chown nobody:nogroup "$postfix_dir/boxes"
    smtp_port=$(free_port)
    cat >"$postfix_dir/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $postfix_dir/queue
data_directory = $postfix_dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = box.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = $postfix_dir/log
maillog_file_prefixes = $postfix_dir
virtual_mailbox_domains = box.example
virtual_mailbox_base = $postfix_dir/boxes
virtual_mailbox_maps = texthash:$postfix_dir/etc/boxes
recipient_delimiter = +
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtputf8_enable = yes
smtpd_peername_lookup = no
END
    [ -z "${postfix_services:-}" ] || echo "transport_maps = texthash:$postfix_dir/etc/transport" >>"$postfix_dir/etc/main.cf"
    printf '%s\n' "$@" >>"$postfix_dir/etc/main.cf"
    local name
    for name in $postfix_boxes; do echo "$name@box.example $name/"; done >"$postfix_dir/etc/boxes"
    sed -E -e "s/^smtp( +)inet( .*)/127.0.0.1:$smtp_port inet\2/" -e '/^[a-z0-9]/s/^([^ ]+ +[a-z-]+ +[n-] +[n-] +)y /\1n /' \
        -e '/^(maildrop|uucp|ifmail|bsmtp|scalemail-backend|mailman) /,/^  /d' /etc/postfix/master.cf.proto >"$postfix_dir/etc/master.cf"
    [ -z "${postfix_services:-}" ] || printf '%s\n' "$postfix_services" >>"$postfix_dir/etc/master.cf"
    postfix -c "$postfix_dir/etc" start >"$test_dir/postfix.out" 2>&1 || bail_out "Postfix: $(tail -3 "$test_dir/postfix.out" "$postfix_dir/log")"
    at_exit postfix_stop
    wait_for 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$smtp_port" || bail_out "Postfix takes no connection: $(tail -3 "$postfix_dir/log")"
}
postfix_stop() {
    postfix -c "$postfix_dir/etc" stop >/dev/null 2>&1
    [ -z "$dovecot_pid" ] || { kill "$dovecot_pid" && wait "$dovecot_pid"; } 2>/dev/null
    :
}

postfix_bounces() {
    runuser -u nobody -- "$nightbell" --version >/dev/null 2>&1 || skip_all "nobody may not run $nightbell"
    mkdir -p "$test_dir/bounces" "$postfix_dir/etc" && chmod 777 "$test_dir/bounces"
    cat >"$test_dir/receive" <<END
#!/bin/sh
cat >$test_dir/bounces/\$\$.mail
NIGHTBELL_DSN='$1' $nightbell receipts import --mail $test_dir/bounces/\$\$.mail >>$test_dir/bounces/said 2>&1
status=\$?
echo "\$status" >>$test_dir/bounces/statuses
[ \$status != 5 ] || exit 75
exit 0
END
    chmod 755 "$test_dir/receive"
    postfix_services="bounced unix - n n - 2 pipe
  flags=DRh user=nobody argv=$test_dir/receive"
    echo 'bounces@box.example bounced:' >"$postfix_dir/etc/transport"
}

mailbox() { echo "$postfix_dir/boxes/$1/new"; }
count_mails() { find "$(mailbox "$1")" -type f 2>/dev/null | wc -l; }
has_mails() { [ "$(count_mails "$1")" -ge "$2" ]; }
wait_for_mails() { wait_for 30 has_mails "$1" "$2" || diag "$(tail -5 "$postfix_dir/log")"; }
