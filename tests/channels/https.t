#!/bin/bash
# HTTPS with authorities of one's own: ca_file of [network] for webhooks and push, against a server with the right certificate, with one for
# another name, and with one that has ended; and that ca_file stands instead of the system's authorities, as docs/webhooks.md says.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/ca.sh"
. "$srcdir/tests/channels/providers.sh"
ca_new ours
ca_new theirs
ca_sign ours right 'DNS:localhost,IP:127.0.0.1'
ca_sign ours elsewhere 'DNS:elsewhere.example,IP:127.0.0.9'
ca_sign ours ended 'DNS:localhost,IP:127.0.0.1' 0
(umask 077 && openssl rand -base64 48 >"$test_dir/key")
"$builddir/nightbell" channels vapid-key "$test_dir/vapid.pem" >"$test_dir/vapid.pub"
point=$(openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -outform DER 2>/dev/null | tail -c 65 | base64 -w 0 | tr '+/' '-_' | tr -d =)
for certificate in right elsewhere ended; do
    providers_start "$test_dir/$certificate" 127.0.0.1 --tls "$ca_dir/$certificate.pem" "$ca_dir/$certificate.key"
    declare "${certificate}_url=https://localhost:$provider_port"
done
# trusting NAME CA_FILE
trusting() {
    printf '%s\n' '[network]' 'allow = 127.0.0.1 ::1' ${2:+"ca_file = $2"} '[channel.webhook]' 'kind = webhook' "key_file = $test_dir/key" 'time_limit = 60s' \
        '[channel.push]' 'kind = push' "vapid_key_file = $test_dir/vapid.pem" 'vapid_subject = mailto:ops@example.org' 'time_limit = 60s' >"$test_dir/$1"
}
trusting ours "$ca_dir/ours.pem"
trusting theirs "$ca_dir/theirs.pem"
trusting system ''
trusting missing "$ca_dir/none.pem"
messages() {
    jq -nc --arg url "$1/hook" '{channel: "webhook", address: $url, endpoint: "0197b0a0-0000-7000-8000-000000000017", secret_version: 1, type: "a", subject: "s", body: "b"}'
    jq -nc --arg url "$1/push" --arg point "$point" '{channel: "push", platform: "web", address: ({endpoint: $url, keys: {p256dh: $point, auth: "BTBZMqHH6r4Tts7J_aSIgg"}} | tojson), subject: "s", body: "b"}'
}
# answers URL SETTINGS: what both senders say, where they say the same once
answers() { messages "$1" | ${within:-} "$builddir/tests/lib/send_messages" "$test_dir/$2" 2>&1 | sort -u; }
requests() { wc -l <"$test_dir/$1/requests"; }

is "$(answers "$right_url" ours) $(requests right)" 'sent 201 - 2' "a server with the authority's certificate is spoken to, by webhook and push"
like "$(answers "$right_url" theirs)" '^retry 0 -[^[:cntrl:]]*certificate[^[:cntrl:]]*$' 'one of another authority is not, and why is told'
like "$(answers "$right_url" system)" '^retry 0 -[^[:cntrl:]]*certificate[^[:cntrl:]]*$' 'nor by the system'"'"'s authorities, without ca_file'
like "$(answers "$elsewhere_url" ours)" '^retry 0 -[^[:cntrl:]]*(name|match)[^[:cntrl:]]*localhost[^[:cntrl:]]*$' 'nor one whose certificate is for another name'
like "$(answers "$ended_url" ours)" '^retry 0 -[^[:cntrl:]]*expired[^[:cntrl:]]*$' 'nor one whose certificate has ended'
like "$(answers "$right_url" missing)" '^(retry 0 -)?[^[:cntrl:]]*none\.pem[^[:cntrl:]]*$' 'an authority that cannot be read is named'
is "$(requests right) $(requests elsewhere) $(requests ended)" '2 0 0' 'to none of them was anything said'

# With the system's own authorities replaced, in a mount namespace, by the one that signed: ca_file is instead of them.
cat >"$test_dir/within" <<END
#!/bin/sh
mount -t tmpfs none /etc/ssl/certs && cp $ca_dir/ours.pem /etc/ssl/certs/ca-certificates.crt &&
    cp $ca_dir/ours.pem /etc/ssl/certs/\$(openssl x509 -noout -hash -in $ca_dir/ours.pem).0 && exec "\$@"
END
chmod 755 "$test_dir/within"
if unshare -m "$test_dir/within" true 2>/dev/null; then
    within="unshare -m $test_dir/within"
    is "$(answers "$right_url" system)" 'sent 201 -' 'where the system trusts the authority, that is enough'
    like "$(answers "$right_url" theirs)" '^retry 0 -[^[:cntrl:]]*certificate' 'but not where ca_file names another'
else
    echo "ok $((tap_count += 1)) # SKIP no mount namespaces here"
fi
done_testing
