#!/bin/bash
# Tokens and their keys, end to end against a real server: minted, shown, verified, revoked, exchanged, and keys rotated.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
cluster_start
console=$cluster_dsn
unset PGHOST PGDATABASE PGUSER
export NIGHTBELL_DSN=$cluster_admin_dsn
umask 077
admin_psql() { psql -XqAt -v ON_ERROR_STOP=1 "$NIGHTBELL_DSN" -c "$1"; }
with() { NIGHTBELL_DSN=$console NIGHTBELL_TOKEN_FILE=$1 "${@:2}"; }
claim() { cut -d. -f2 "$1" | tr '_-' '/+' | jq -Rr '@base64d | fromjson | '"$2"; }
# lasts SECONDS FILE NAME: the clock may tick between the two times
lasts() {
    local seconds
    seconds=$(claim "$2" '.exp - .iat')
    ok "$3" test "$seconds" -le "$1" -a "$seconds" -ge $(($1 - 3))
}
denied() {
    is_status 4 "$1: exit code 4"
    like "$err" "^nightbell: .*$2" "$1: says why"
    is "$out" '' "$1: prints no token"
}

# -- mint

run "$nightbell" token mint --user ada --output "$test_dir/ada"
is_status 0 "mint"
is "$(stat -c '%a %s' "$test_dir/ada")" "600 $(tr -d '\n' <"$test_dir/ada" | wc -c)" "into a file of one's own, that holds the token alone"
like "$out" "ada at acme, until 20" "it says for whom, and until when"
is "$(claim "$test_dir/ada" '[.sub, .tenant, .aud, has("roles"), has("jti")] | @csv')" \
    "\"$ADA\",\"$ACME\",\"nightbell\",false,true" "its claims: roles as they are stored"
lasts 43200 "$test_dir/ada" "for twelve hours"
run with "$test_dir/ada" "$nightbell" inbox
is_status 0 "it opens the inbox"
run with "$test_dir/ada" "$nightbell" events
is_status 4 "ada is no operator"
run "$nightbell" token mint --user BOB@acme.example --role operator --role user --expires 90s
is_status 0 "by e-mail address, to standard output"
printf %s "$out" >"$test_dir/bob"
is "$(claim "$test_dir/bob" '.roles | join(",")')" 'user,operator' "with the roles that are named"
lasts 90 "$test_dir/bob" "for as long as asked for"
run with "$test_dir/bob" "$nightbell" events
is_status 0 "it opens the events"
run "$nightbell" token mint --user "$OLGA" --tenant '*' --json
is "$(jq -r '[.user_name, .tenant_name, has("token"), has("jti"), .expires_at[0:2]] | @csv' <<<"$out")" '"olga","*",true,true,"20"' "a global operator's, as JSON"
jq -r .token <<<"$out" >"$test_dir/olga"
is "$(claim "$test_dir/olga" .tenant)" '*' "it names every tenant"
long_name=$(printf 'x'; printf 'é%.0s' {1..99}) # as long as the database takes one
admin_psql "INSERT INTO nightbell.users (tenant_id, id, name) VALUES ('$ACME', '00000000-0000-4000-8000-0000000000ee', '$long_name')"
run "$nightbell" token mint --user 00000000-0000-4000-8000-0000000000ee --json
is "$status $(jq -r .user_name <<<"$out")" "0 $long_name" "a long name is whole"
run "$nightbell" token mint --user mallory --tenant globex --output "$test_dir/ada"
is "$status $(claim "$test_dir/ada" .sub)" "0 $MALLORY" "a file that is there is replaced whole"
"$nightbell" --quiet token mint --user ada --output "$test_dir/ada"

run "$nightbell" token mint
is_status 2 "for nobody"
run "$nightbell" token mint --user nobody
is_status 3 "for somebody who is not there"
run "$nightbell" token mint --user ada --tenant globex
is_status 3 "for somebody of another tenant"
admin_psql "INSERT INTO nightbell.users (tenant_id, id, name) VALUES ('$GLOBEX', gen_random_uuid(), 'Ada')"
run "$nightbell" token mint --user ada
is_status 2 "for a name that two tenants have"
like "$err" 'ada at acme, Ada at globex' "they are named"
run "$nightbell" token mint --user ada --tenant acme --quiet --output "$test_dir/ada"
is_status 0 "the tenant settles it"
for bad in '--expires 367d' '--expires 0s' '--expires soon' '--role worker' '--role user,admin'; do
    run "$nightbell" token mint --user ada --tenant acme $bad
    is_status 2 "mint $bad"
done
run "$nightbell" token mint --user ada --tenant acme --output /dev/null
is_status 2 "a device is not replaced by a token"
run "$nightbell" token mint --user ada --tenant acme --output "$test_dir/none/ada"
is_status 1 "a directory that is not there"
run "$nightbell" --dsn "$console" token mint --user ada --tenant acme
denied "a client mints nothing" 'nightbell_admin'
run "$nightbell" --dsn "$console" key list
denied "nor sees keys" 'nightbell_admin'

# -- show

run "$nightbell" token show "$test_dir/ada"
is_status 0 "show"
like "$out" "sub +$ADA" "the claims"
like "$out" 'alg +HS256' "the header"
like "$out" "exp +20[0-9 :-]+, in 1[12]h" "times as people read them, and what is left"
like "$out" 'Not verified' "and that nothing was verified"
run "$nightbell" token show --json - <"$test_dir/ada"
is "$(jq -r '[.verified, .claims.sub, .header.alg, .remaining_seconds > 43000] | @csv' <<<"$out")" "false,\"$ADA\",\"HS256\",true" "from standard input, as JSON"
run with "$test_dir/ada" "$nightbell" token show
like "$out" "$ADA" "one's own, when no other is named"
encode() { printf %s "$1" | base64 -w0 | tr '/+' '_-' | tr -d =; }
printf '%s.%s.%s' "$(encode '{"alg":"none"}')" "$(encode '{"sub":"\u001b[31mred\u202e","exp":"x","deep":{"a":[1]}}')" AAAA >"$test_dir/hostile"
run "$nightbell" token show "$test_dir/hostile"
is_status 0 "one that somebody made up"
ok "reaches the terminal harmless" test -z "$(tr -d '\n\40-\176\200-\377' <<<"$out")"
unlike "$out" $'\u202e' "without overrides"
like "$out" 'deep +\{"a":\[1\]\}' "what is no text is shown as JSON"
like "$out" 'accepted nowhere' "it has no end that is a time"
printf 'a.b' >"$test_dir/broken"
run "$nightbell" token show "$test_dir/broken"
denied "no token at all" 'three parts'
cp "$test_dir/ada" "$test_dir/open" && chmod 644 "$test_dir/open"
for verb in show verify revoke; do
    run "$nightbell" token $verb "$test_dir/open"
    denied "$verb: a file that others can read" 'chmod 600'
done

# -- verify, by the database

run with "$test_dir/ada" "$nightbell" token verify
is_status 0 "verify one's own"
like "$out" 'ada at acme \(user\), until 20' "the database says who it is"
run "$nightbell" --dsn "$console" token verify --json - <"$test_dir/olga"
is "$(jq -r '[.accepted, .verified_by, .user_name, .is_global, .roles] | @csv' <<<"$out")" \
    'true,"database","olga",true,"user,operator,producer,admin"' "another's, as JSON"
make_token ada -60 >"$test_dir/old"
run "$nightbell" --dsn "$console" token verify "$test_dir/old"
denied "an expired one" 'expired'
run "$nightbell" --dsn "$console" --json token verify "$test_dir/hostile"
denied "one that somebody made up" 'does not accept'
is "$(tail -n 1 <<<"$err" | jq -r .error.code)" denied "as JSON too"
run "$nightbell" token verify --issuer x "$test_dir/ada"
is_status 2 "--issuer goes with a key"

# -- revoke

admin_psql "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'title', 'text')" >/dev/null
with "$test_dir/ada" "$nightbell" watch inbox --json >"$test_dir/watched" 2>"$test_dir/watch.err" &
watch=$!
heard() { admin_psql "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'heard $RANDOM', 'text')" >/dev/null; grep -q heard "$test_dir/watched"; }
ok "a session that is open" wait_for 10 heard
run "$nightbell" token revoke "$test_dir/ada"
is_status 0 "revoke"
like "$out" "$(claim "$test_dir/ada" .jti) is revoked" "names the token's id"
run with "$test_dir/ada" "$nightbell" inbox
denied "ends the token at once" 'revoked'
before=$(wc -l <"$test_dir/watched")
heard
is "$(wc -l <"$test_dir/watched")" "$before" "the open session hears no more"
kill $watch
wait $watch 2>/dev/null
run "$nightbell" token revoke "$test_dir/ada"
like "$status $out" '^0 .*revoked already' "again is no error"
is "$(admin_psql "SELECT count(*), bool_and(expires_at > now() + interval '11 hours' AND expires_at < now() + interval '13 hours') FROM nightbell.revoked_tokens")" \
    '1|t' "it is remembered until the token's own end"
run "$nightbell" token revoke --id "$(claim "$test_dir/bob" .jti)" --expires 2m
is_status 0 "by its id"
run with "$test_dir/bob" "$nightbell" inbox
denied "that ends it too" 'revoked'
# an id that is not ASCII, byte for byte as its signer wrote it
perl -MDigest::SHA=hmac_sha256 -MMIME::Base64 -e '
    my $t = join ".", map { my $b = encode_base64($_, ""); $b =~ tr|+/=|-_|d; $b } q({"alg":"HS256","kid":"tests"}),
        qq({"sub":"$ENV{ADA}","tenant":"$ENV{ACME}","roles":["user"],"aud":"nightbell","jti":"k\xc3\xa4se \xe2\x82\xac","exp":@{[time + 600]}});
    my $s = encode_base64(hmac_sha256($t, "a secret of the tests, 32 bytes or more"), ""); $s =~ tr|+/=|-_|d; print "$t.$s"' >"$test_dir/foreign"
run with "$test_dir/foreign" "$nightbell" inbox
is_status 0 "a token whose id is not ASCII"
run "$nightbell" token revoke "$test_dir/foreign"
like "$status $out" '^0 .*käse € is revoked' "is revoked"
run with "$test_dir/foreign" "$nightbell" inbox
denied "and ends" 'revoked'
run "$nightbell" token revoke "$test_dir/old"
denied "one without an id" 'nightbell key retire'
printf '%s.%s.%s' "$(cut -d. -f1 "$test_dir/olga")" "$(claim "$test_dir/olga" '.exp = 1 | tojson' | tr -d '\n' | base64 -w0 | tr '/+' '_-' | tr -d =)" \
    "$(cut -d. -f3 "$test_dir/olga")" >"$test_dir/altered"
run "$nightbell" token revoke "$test_dir/altered"
denied "an altered one, whose end cannot be trusted" 'signature is wrong'
run "$nightbell" token revoke
is_status 2 "nothing"

# -- keys: rotation by id, with overlap

run "$nightbell" key list
is "$(cut -f 1-3 <<<"$out")" $'tests\tHS256\tactive' "the key of the tests"
run "$nightbell" token mint --user ada --tenant acme --quiet --output "$test_dir/before"
run "$nightbell" key add --id second --algorithm HS512 --issuer https://nightbell.example
is "$status|$out" '0|second' "a second key"
run "$nightbell" token mint --user ada --tenant acme --quiet --output "$test_dir/after"
is "$(cut -d. -f1 "$test_dir/after" | tr '_-' '/+' | jq -Rr '@base64d | fromjson | "\(.kid) \(.alg)"') $(claim "$test_dir/after" .iss)" \
    'second HS512 https://nightbell.example' "signs from now on, and says its issuer"
for file in before after; do
    run with "$test_dir/$file" "$nightbell" inbox
    is_status 0 "the token of $file is accepted"
done
run "$nightbell" key retire tests --after 1h
is_status 0 "the old key is to be retired"
run "$nightbell" key list --json
is "$(jq -r '"\(.kid) \(.state)"' <<<"$out" | tr '\n' ' ')" 'second active tests retiring ' "it says so"
run with "$test_dir/before" "$nightbell" inbox
is_status 0 "its tokens are accepted still"
run "$nightbell" key retire tests
is_status 0 "then at once"
like "$out" 'not accepted any more' "it says so"
run with "$test_dir/before" "$nightbell" inbox
denied "its tokens are not accepted any more" 'key that is not accepted'
run with "$test_dir/after" "$nightbell" inbox
is_status 0 "the new key's are"
run "$nightbell" key retire tests --after 1h
run with "$test_dir/before" "$nightbell" inbox
is_status 4 "what is retired does not come back"
run "$nightbell" key retire nothing
is_status 3 "an unknown key"
run "$nightbell" key add --id second
is_status 1 "an id that is taken"
like "$err" 'already' "says so"
for bad in '--id a/b' '--algorithm RS256' '--algorithm none' '--algorithm HS1' "--id $(printf 'x%.0s' {1..65})"; do
    run "$nightbell" key add $bad
    is_status 2 "key add $bad"
done
run "$nightbell" key list
unlike "$out$err" "$(admin_psql "SELECT substr(encode(secret, 'hex'), 1, 16) FROM nightbell.signing_keys WHERE kid = 'second'")" "no list shows a secret"

# -- secrets of one's own

printf 'a shared secret of two programs, long enough\n' >"$test_dir/secret"
run "$nightbell" key add --id shared --secret-file "$test_dir/secret"
is_status 0 "a secret from a file"
is "$(admin_psql "SELECT convert_from(secret, 'UTF8') FROM nightbell.signing_keys WHERE kid = 'shared'")" 'a shared secret of two programs, long enough' "without the newline"
head -c 48 /dev/urandom >"$test_dir/bytes"
run "$nightbell" key add --id bytes --algorithm HS384 --secret-file - <"$test_dir/bytes"
is "$status $(admin_psql "SELECT encode(secret, 'hex') FROM nightbell.signing_keys WHERE kid = 'bytes'")" "0 $(od -An -tx1 -v "$test_dir/bytes" | tr -d ' \n')" "bytes from standard input, as they are"
run "$nightbell" key add --id forty --algorithm HS512 --secret-file "$test_dir/secret"
is_status 2 "too short for HS512"
printf 'short' >"$test_dir/short"
run "$nightbell" key add --secret-file "$test_dir/short"
is_status 2 "too short"
chmod 644 "$test_dir/secret"
run "$nightbell" key add --id open --secret-file "$test_dir/secret"
is_status 4 "a file that others can read"
screen_start 80x10 "$nightbell" key add --id typed --secret-file -
screen_wait 'secret \(what you type is not shown\):'
keys 'wrong<C-u>a secret that a person types, 32 or morx<BS>e<Enter>'
screen_shows '^typed$' "one that is typed"
is "$(screen_exit)" 'exit 0' "is taken"
not_ok "what is typed is not shown" grep -aq 'person' "$(screen_raw)"
is "$(admin_psql "SELECT convert_from(secret, 'UTF8') FROM nightbell.signing_keys WHERE kid = 'typed'")" 'a secret that a person types, 32 or more' "with what was corrected"
screen_is_sane "after a secret was typed"
screen_start 80x10 "$nightbell" key add --id typed2 --secret-file -
screen_wait 'is not shown'
keys 'half a sec<C-c>'
is "$(screen_exit)" 'exit 1' "^C at the prompt ends it"
screen_is_sane "after ^C"
is "$(admin_psql "SELECT count(*) FROM nightbell.signing_keys WHERE kid = 'typed2'")" 0 "nothing was added"
admin_psql "DELETE FROM nightbell.signing_keys WHERE kid IN ('shared', 'bytes', 'typed')"

# -- exchange: the identity provider's keys and tokens, made with openssl

key() { openssl genpkey -quiet -out "$test_dir/$1.key" "${@:2}" 2>/dev/null && openssl pkey -in "$test_dir/$1.key" -pubout -out "$test_dir/$1.pem"; }
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key weak -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key es256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key es384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
head -c 64 /dev/urandom | base64 -w0 >"$test_dir/hmac.key"
chmod 644 "$test_dir"/*.pem
# The two numbers of an ECDSA signature side by side, $1 bytes each, from DER.
raw() { openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p' | while read -r n; do printf "%0$((2 * $1))s" "$n" | tr ' ' 0; done | perl -pe '$_ = pack "H*", $_'; }
# idp ALGORITHM KEY HEADER CLAIMS: signs as an identity provider does, whatever the header says.
idp() {
    local text digest=sha${1#??} file=$test_dir/$2.key
    text=$(encode "$3").$(encode "$4")
    printf '%s.' "$text"
    case $1 in
    RS*) printf %s "$text" | openssl dgst -"$digest" -sign "$file" ;;
    PS*) printf %s "$text" | openssl dgst -"$digest" -sign "$file" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest ;;
    ES256) printf %s "$text" | openssl dgst -"$digest" -sign "$file" | raw 32 ;;
    ES384) printf %s "$text" | openssl dgst -"$digest" -sign "$file" | raw 48 ;;
    HS*) printf %s "$text" | openssl dgst -"$digest" -mac HMAC -macopt "hexkey:$(od -An -tx1 -v "$file" | tr -d ' \n')" -binary ;;
    esac | base64 -w0 | tr '/+' '_-' | tr -d =
}
now=$(date +%s)
claims() { # claims SUB [JQ]
    jq -cn --arg sub "$1" --argjson now "$now" '{iss: "https://id.example", aud: ["nightbell", "other"], sub: $sub, email: "ada@acme.example",
        iat: $now, exp: ($now + 300), roles: ["admin", "operator"], tenant: "*"}'" | ${2:-.}"
}
exchange() { run "$nightbell" token exchange --issuer https://id.example --audience nightbell --tenant acme "$@"; }

for algorithm in RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 HS256 HS512; do
    case $algorithm in RS* | PS*) file=rsa ;; ES*) file=${algorithm,,} ;; HS*) file=hmac ;; esac
    idp $algorithm $file '{"alg":"'$algorithm'","kid":"2026"}' "$(claims "$ADA")" >"$test_dir/theirs"
    [ $file = hmac ] && pem=$test_dir/hmac.key || pem=$test_dir/$file.pem
    exchange --key "$pem" --algorithm $algorithm --output "$test_dir/ours" "$test_dir/theirs"
    is_status 0 "exchange a token with $algorithm"
    run with "$test_dir/ours" "$nightbell" inbox
    is_status 0 "it opens the inbox"
    run "$nightbell" token verify --key "$pem" --algorithm $algorithm --issuer https://id.example --audience nightbell "$test_dir/theirs"
    like "$status $out" "^0 .*\($algorithm\)" "verify says so too"
done
is "$(claim "$test_dir/ours" '[.sub, .tenant, has("roles"), .aud] | @csv')" "\"$ADA\",\"$ACME\",false,\"nightbell\"" "tenant and roles are ours, not theirs"
ok "never longer than theirs" test "$(claim "$test_dir/ours" .exp)" = $((now + 300))
idp RS256 rsa '{"alg":"RS256"}' "$(claims "$ADA" '.exp = .exp + 86400')" >"$test_dir/theirs"
exchange --key "$test_dir/rsa.pem" --output "$test_dir/ours" "$test_dir/theirs"
lasts 900 "$test_dir/ours" "a quarter of an hour otherwise; a PEM of RSA is for RS256"
exchange --key "$test_dir/rsa.pem" --expires 2m --output "$test_dir/ours" "$test_dir/theirs"
lasts 120 "$test_dir/ours" "or as short as asked for"
exchange --key "$test_dir/rsa.pem" <"$test_dir/theirs"
like "$status $out" '^0 [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' "from standard input to standard output"
idp RS256 rsa '{"alg":"RS256"}' "$(claims "$ADA" '.email_verified = true | .email = "ADA@acme.Example" | .upn = "bob@acme.example" | .preferred_username = "Bob"')" >"$test_dir/theirs"
exchange --key "$test_dir/rsa.pem" --user-claim preferred_username --output "$test_dir/ours" "$test_dir/theirs"
is "$(claim "$test_dir/ours" .sub)" "$BOB" "found by the name"
exchange --key "$test_dir/rsa.pem" --user-claim email --output "$test_dir/ours" "$test_dir/theirs"
is "$(claim "$test_dir/ours" .sub)" "$ADA" "found by the e-mail address"

# -- a JWKS: keys by their id, those that are not meant are passed over
jwk() { # jwk NAME MORE: the public numbers as openssl prints them
    local n
    if openssl pkey -pubin -in "$test_dir/$1.pem" -noout -text | grep -q 'ASN1 OID'; then
        n=$(openssl pkey -pubin -in "$test_dir/$1.pem" -noout -text | sed -n '/^pub:/,/^ASN1/p' | grep '^ ' | tr -d ' :\n')
        echo '{"kty":"EC","crv":"P-'${1#es}'","x":"'"$(hex64 "${n:2:$(((${#n} - 2) / 2))}")"'","y":"'"$(hex64 "${n:$((2 + (${#n} - 2) / 2))}")"'"'"$2"'}'
    else
        n=$(openssl rsa -pubin -in "$test_dir/$1.pem" -noout -modulus | sed 's/.*=//')
        echo '{"kty":"RSA","e":"AQAB","n":"'"$(hex64 "$n")"'"'"$2"'}'
    fi
}
hex64() { perl -e 'print pack "H*", $ARGV[0]' "$1" | base64 -w0 | tr '/+' '_-' | tr -d =; }
printf '{"keys":[%s,%s,%s,%s,{"kty":"OKP","crv":"Ed25519","x":"AA"}]}' "$(jwk rsa ',"kid":"rs","use":"sig"')" "$(jwk rsa ',"kid":"ps","alg":"PS256"')" \
    "$(jwk es256 ',"kid":"es"')" "$(jwk rsa ',"kid":"enc","use":"enc"')" >"$test_dir/idp.jwks"
chmod 644 "$test_dir/idp.jwks"
for case in 'RS256 rsa rs 0' 'PS256 rsa ps 0' 'ES256 es256 es 0' 'RS256 rsa enc 4' 'RS256 rsa ps 4' 'PS256 rsa rs 4' 'RS256 rsa other 4' 'RS256 rsa ../rs 4'; do
    read -r algorithm file kid expected <<<"$case"
    idp $algorithm $file '{"alg":"'$algorithm'","kid":"'$kid'"}' "$(claims "$ADA")" >"$test_dir/theirs"
    exchange --jwks "$test_dir/idp.jwks" "$test_dir/theirs"
    is_status "$expected" "JWKS: $algorithm with the key id $kid"
done

# -- each of these is refused
refused() {
    local name=$1 reason=$2
    shift 2
    exchange "$@" "$test_dir/theirs"
    denied "$name" "$reason"
}
rs256() { idp RS256 rsa '{"alg":"RS256"}' "$1" >"$test_dir/theirs"; }
rs256 "$(claims "$ADA" '.aud = "other"')" && refused "a token for somebody else" 'another audience' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA" '.iss = "https://evil.example"')" && refused "of somebody else" 'another issuer' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA" '.exp = .iat')" && refused "expired" 'expired' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA" '.nbf = .exp')" && refused "not valid yet" 'not valid yet' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA" 'del(.exp)')" && refused "without an end" 'no expiry' --key "$test_dir/rsa.pem"
rs256 "$(claims nobody)" && refused "for nobody here" 'nobody at "acme" is "nobody"' --key "$test_dir/rsa.pem"
rs256 "$(claims mallory)" && refused "for somebody of another tenant" 'nobody at' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA" 'del(.sub)')" && refused "that does not say for whom" 'does not say who' --key "$test_dir/rsa.pem"
for verified in false null '"true"' 1 '[true]'; do
    rs256 "$(claims "$ADA" ".email_verified = $verified")" && refused "whose address nobody verified: $verified" 'does not say that it has verified' --key "$test_dir/rsa.pem" --user-claim email
done
rs256 "$(claims "$ADA")" && refused "where nothing is said of it" 'does not say that it has verified' --key "$test_dir/rsa.pem" --user-claim email
for claim in upn preferred_username sub; do
    rs256 "$(claims "$ADA" ".$claim = \"ada@acme.example\" | .email_verified = true")" && refused "an address in $claim" 'nobody at' --key "$test_dir/rsa.pem" --user-claim $claim
done
rs256 "$(claims "$ADA" '.email_verified = true | .email = "ada"')" && refused "a name as an address" 'nobody at' --key "$test_dir/rsa.pem" --user-claim email
rs256 "$(claims "$ADA" ".email_verified = true | .email = \"$ADA\"")" && refused "an id as an address" 'nobody at' --key "$test_dir/rsa.pem" --user-claim email
admin_psql "INSERT INTO nightbell.users (tenant_id, id, name, email) VALUES ('$ACME', gen_random_uuid(), 'kelvin', 'kelvin@acme.example')"
kelvin=$'\u212a'elvin
rs256 "$(claims "$ADA" ".email_verified = true | .email = \"$kelvin@acme.example\"")" && refused "a letter that is a k only elsewhere" 'nobody at' --key "$test_dir/rsa.pem" --user-claim email
rs256 "$(claims "$kelvin")" && refused "in a name too" 'nobody at' --key "$test_dir/rsa.pem"
rs256 "$(claims "$ADA")" && refused "signed with another key" 'signature|not accepted' --key "$test_dir/es256.pem"
idp RS256 rsa '{"alg":"none"}' "$(claims "$ADA")" | sed 's/\.[^.]*$/./' >"$test_dir/theirs" && refused "alg none" 'not accepted' --key "$test_dir/rsa.pem"
cp "$test_dir/rsa.pem" "$test_dir/pem.key" # the public key, which everybody knows, as the secret
idp HS256 pem '{"alg":"HS256"}' "$(claims "$ADA")" >"$test_dir/theirs" && refused "a public key as a secret" 'not accepted' --key "$test_dir/rsa.pem"
exchange --key "$test_dir/rsa.pem" --algorithm HS256 "$test_dir/theirs"
is_status 2 "also when the algorithm is named"
openssl pkey -pubin -in "$test_dir/rsa.pem" -outform DER -out "$test_dir/rsa.der"
exchange --key "$test_dir/rsa.der" --algorithm HS256 "$test_dir/theirs"
is_status 2 "in another spelling"
rs256 "$(claims "$ADA")"
exchange --key "$test_dir/weak.pem" "$test_dir/theirs"
like "$status $err" '^2 .*1024 bits' "a key that is too weak"
exchange --key "$test_dir/rsa.key" "$test_dir/theirs"
like "$status $err" '^2 .*private key.*-pubout' "a private key"
chmod 644 "$test_dir/hmac.key"
exchange --key "$test_dir/hmac.key" "$test_dir/theirs"
is_status 4 "a secret that others can read"
chmod 666 "$test_dir/rsa.pem"
exchange --key "$test_dir/rsa.pem" "$test_dir/theirs"
like "$status $err" '^4 .*chmod go-w' "a public key that others can change"
chmod 644 "$test_dir/rsa.pem"
run "$nightbell" token exchange --key "$test_dir/rsa.pem" --audience nightbell "$test_dir/theirs"
is_status 2 "without an issuer to expect"
run "$nightbell" token exchange --issuer x --audience nightbell "$test_dir/theirs"
is_status 2 "without a key"
run "$nightbell" token exchange --key "$test_dir/rsa.pem" --issuer https://id.example --audience nightbell --tenant '*' "$test_dir/theirs"
is_status 2 "never a global operator's"
run "$nightbell" --dsn "$console" token exchange --key "$test_dir/rsa.pem" --issuer https://id.example --audience nightbell "$test_dir/theirs"
denied "a client exchanges nothing" 'nightbell_admin'
done_testing
