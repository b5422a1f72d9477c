#!/bin/bash
# What our senders send, read by other people's code: standardwebhooks, svix, http_ece and web-push of npm, over real HTTP.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/node.sh"

send=$builddir/tests/lib/send_messages
endpoint=0197b0a0-0000-7000-8000-000000000017

if why=$(node_packages "$srcdir/tests/data/receivers" receivers); then
    openssl rand -base64 48 >"$test_dir/key" && openssl ecparam -name prime256v1 -genkey -noout -out "$test_dir/vapid.pem" 2>/dev/null
    chmod 600 "$test_dir/key" "$test_dir/vapid.pem"
    cat >"$test_dir/channels.conf" <<END
[network]
allow = 127.0.0.1
[channel.webhook]
kind = webhook
key_file = $test_dir/key
ed25519 = yes
[channel.push]
kind = push
vapid_key_file = $test_dir/vapid.pem
vapid_subject = mailto:ops@example.org
ttl = 2h
END
    # of versions 3, 2 and 1: each of the first two may be live, the last is over
    SECRETS="$("$send" --secret "$test_dir/key" $endpoint 3) $("$send" --secret "$test_dir/key" $endpoint 2) $("$send" --secret "$test_dir/key" $endpoint 1)"
    PUBLIC_KEY=$("$send" --public-key "$test_dir/key")
    export SECRETS PUBLIC_KEY
    like "$SECRETS" '^whsec_[A-Za-z0-9+/]{43}= whsec_' "secrets are of the standard's form"
    like "$PUBLIC_KEY" '^whpk_[A-Za-z0-9+/]{43}=$' "and so is the public key"

    node "$builddir/tests/receivers/receiver.cjs" "$test_dir" >>"$test_dir/lines" 2>"$test_dir/node.err" &
    receiver=$!
    stop_receiver() { kill $receiver; }
    at_exit stop_receiver
    wait_for 30 test -s "$test_dir/port"
    port=$(cat "$test_dir/port")

    message() { jq -cn --arg url "http://127.0.0.1:$port/hook" --arg endpoint $endpoint "{channel: \"webhook\", address: \$url, endpoint: \$endpoint, type: \"a.b\", urgency: \"high\"} + $1"; }
    {
        message '{subject: "one", body: "x", secret_version: 3}'
        message '{subject: "ünï — 😀 \"\u2028", body: "line\nline", payload: "{\"n\": 1e400}", secret_version: 3, former_version: 2}'
        message "{subject: \"long\", body: (\"x\" * 30000), secret_version: 2}"
    } | "$send" "$test_dir/channels.conf" >"$test_dir/answers"
    is "$(sort -u "$test_dir/answers")" "sent 201 -" "all webhooks were sent"
    is "$(cat "$test_dir/lines")" "webhook yes/yes no/no no/no v1a:yes one
webhook yes/yes yes/yes no/no v1a:yes ünï — 😀 \"$(printf '\u2028')
webhook no/no yes/yes no/no v1a:yes long" "standardwebhooks and svix accept each live secret and no other, and ed25519 verifies"

    : >"$test_dir/lines"
    push() { jq -cn --rawfile subscription "$test_dir/subscription" "{channel: \"push\", platform: \"web\", address: \$subscription} + $1"; }
    {
        push '{subject: "one", body: "It did — 😀", urgency: "critical"}'
        push '{subject: "long", body: ("ß" * 9000), urgency: "low"}'
        push '{subject: "none", body: ""}'
    } | "$send" "$test_dir/channels.conf" >"$test_dir/answers"
    is "$(sort -u "$test_dir/answers")" "sent 201 -" "all pushes were sent"
    is "$(sed -n 1p "$test_dir/lines")" "push mailto:ops@example.org 7200 high one: 10 It did — 😀" "http_ece decrypts, and the token verifies"
    like "$(sed -n 2p "$test_dir/lines")" '^push mailto:ops@example.org 7200 low long: 1[0-9]{3} ßßßßßßßßßßßß$' "a long text is cut"
    is "$(sed -n 3p "$test_dir/lines")" "push mailto:ops@example.org 7200 normal none: 0 " "an empty one is none"
elif [ -n "${CI:-}" ]; then
    fail "the receivers could not be installed with npm" "$why"
else
    echo "ok $((tap_count += 1)) # SKIP the receivers could not be installed with npm: $(tail -1 <<<"$why")"
fi
is "$(jq '[.packages[] | select(has("resolved"))] | length' "$srcdir/tests/data/receivers/package-lock.json")" 0 "the lock file names no registry"
done_testing
