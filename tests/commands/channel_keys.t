#!/bin/bash
# The keys by which receivers know who sends: `channels vapid-key`, `webhook-secret`, `webhook-key`. No database is needed.
. "${srcdir:-.}/tests/lib/tap.sh"

run "$nightbell" channels vapid-key "$test_dir/vapid.pem"
is_status 0 "a key is made where there is none"
like "$out" '^B[A-Za-z0-9_-]{86}$' "and its public key is printed as a browser takes it"
is "$(stat -c %a "$test_dir/vapid.pem")" 600 "nobody else can read the key"
is "$(openssl pkey -in "$test_dir/vapid.pem" -noout -text | grep -c 'NIST CURVE: P-256')" 1 "OpenSSL reads it"
expected=$(openssl pkey -in "$test_dir/vapid.pem" -pubout -outform DER | tail -c 65 | basenc --base64url -w0 | tr -d =)
public=$out
is "$public" "$expected" "and derives the same public key"
run "$nightbell" --json channels vapid-key "$test_dir/vapid.pem"
is "$(jq -c . <<<"$out")" "{\"file\":\"$test_dir/vapid.pem\",\"public_key\":\"$public\",\"made\":false}" "the second time it is the same"
chmod 644 "$test_dir/vapid.pem"
run "$nightbell" channels vapid-key "$test_dir/vapid.pem"
like "$err" "can be read or changed by others" "a key that others can read is refused"
openssl genrsa -out "$test_dir/rsa.pem" 2048 2>/dev/null
run "$nightbell" channels vapid-key "$test_dir/rsa.pem"
like "$err" "expected a private key of P-256 as PEM" "and one of another kind"

endpoint=0197b0a0-0000-7000-8000-000000000017
run "$nightbell" channels webhook-secret $endpoint
is_status 3 "without channels.conf there is no secret"
like "$err" "there is no channels.conf" "and it says why"
printf 'a key that has more than thirty-two bytes in it' >"$test_dir/key" && chmod 600 "$test_dir/key"
printf '[channel.hooks]\nkind = webhook\nkey_file = %s\n' "$test_dir/key" >"$test_dir/channels.conf"
export NIGHTBELL_CHANNELS=$test_dir/channels.conf
# what an independent program makes of the same rule
secret() { printf 'nightbell webhook secret %s %s' $endpoint "$1" | openssl dgst -sha256 -mac HMAC -macopt "key:$(cat "$test_dir/key")" -binary | base64; }
is "$("$nightbell" channels webhook-secret $endpoint)" "whsec_$(secret 1)" "a secret follows from key, endpoint and version"
is "$("$nightbell" channels webhook-secret $endpoint --secret-version 2 --channel hooks)" "whsec_$(secret 2)" "each version has another"
like "$("$nightbell" channels webhook-key)" '^whpk_[A-Za-z0-9+/]{43}=$' "and there is a public key"
run "$nightbell" channels webhook-secret $endpoint --channel sms
like "$err" 'no channel of the kind webhook by the name of sms' "another channel has no secrets"
run "$nightbell" channels webhook-secret nonsense
isnt "$status" 0 "an endpoint is a UUID"
done_testing
