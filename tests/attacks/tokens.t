#!/bin/bash
# Tokens that are forged, spoiled or out of date, in a plain psql: with each of them nothing can be read and nothing written,
# and only whoami() says why. Then the vectors that the RFCs publish.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
long='a secret of the tests for the longest of the hashes, which takes 64 bytes or more'
psql_do "INSERT INTO nightbell.signing_keys (kid, algorithm, secret, retired_at) VALUES ('old', 'HS256', convert_to('a secret of the tests, 32 bytes or more', 'UTF8'), now() - interval '1 second');
         INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('k512', 'HS512', convert_to('$long', 'UTF8')), ('short512', 'HS512', convert_to('a secret of the tests, 32 bytes or more', 'UTF8'));
         INSERT INTO nightbell.signing_keys (kid, algorithm, secret, issuer) VALUES ('issued', 'HS256', convert_to('a secret of the tests, 32 bytes or more', 'UTF8'), 'https://id.example')"

# ---- the attempts: a name, what whoami() is to say, a token ----
: >"$test_dir/attempts"
attempt() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$test_dir/attempts"; }
encode() { base64 -w0 | tr '+/' '-_' | tr -d =; }
header() { printf '%s' "$1" | encode; }

good=$(mint "$(claims_of ada)")
head=${good%%.*} rest=${good#*.} body=${rest%%.*} signature=${rest#*.}
now=$(date +%s)

attempt 'signed with another secret' 'signature is wrong' "$(mint "$(claims_of ada)" '' 'another secret of 32 bytes or even more')"
attempt 'claims exchanged under a right signature' 'signature is wrong' "$head.$(claims_of bob | encode).$signature"
attempt 'the header exchanged' 'signature is wrong' "$(header '{"alg":"HS256","kid":"tests"}').$body.$signature"
attempt 'parts exchanged' 'not accepted here' "$body.$head.$signature"
attempt 'expired' 'expired at' "$(mint "$(claims_of ada '{"exp": 1300819380}')")"
attempt 'expired a second ago' 'expired at' "$(mint "$(claims_of ada "{\"exp\": $((now - 1))}")")"
attempt 'not valid yet' 'not valid yet' "$(mint "$(claims_of ada "{\"nbf\": $((now + 600))}")")"
attempt 'issued in the future' 'in the future' "$(mint "$(claims_of ada "{\"iat\": $((now + 600))}")")"
attempt 'revoked' 'has been revoked' "$(mint "$(claims_of ada '{"jti": "gone"}')")"
attempt 'without expiry' 'no expiry' "$(mint "$(claims_of ada | jq -c 'del(.exp)')")"
attempt 'for another audience' 'another audience' "$(mint "$(claims_of ada '{"aud": "elsewhere"}')")"
attempt 'for a list of other audiences' 'another audience' "$(mint "$(claims_of ada '{"aud": ["a", "nightbell2"]}')")"
attempt 'for an audience in other letters' 'another audience' "$(mint "$(claims_of ada '{"aud": "Nightbell"}')")"
attempt 'without issuer, where the key has one' 'another issuer' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"issued"}')"
attempt 'of another issuer' 'another issuer' "$(mint "$(claims_of ada '{"iss": "https://id.example.evil"}')" '{"alg":"HS256","kid":"issued"}')"
attempt 'signed with a retired key' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"old"}')"
attempt 'of a user who does not exist' 'does not exist' "$(mint "$(claims_of ada '{"sub": "00000000-0000-4000-8000-0000000000ff"}')")"
attempt 'of a user of another tenant' 'does not exist' "$(mint "$(claims_of ada "{\"tenant\": \"$GLOBEX\"}")")"
attempt 'without a tenant' 'names no tenant' "$(mint "$(claims_of ada '{"tenant": null}')")"
attempt 'tenant with a blank' 'names no tenant' "$(mint "$(claims_of ada '{"tenant": "* "}')")"
attempt 'tenants as a list' 'names no tenant' "$(mint "$(claims_of ada "{\"tenant\": [\"$ACME\"]}")")"
attempt 'sub that is SQL' 'names no user' "$(mint "$(claims_of ada "{\"sub\": \"' OR true --\"}")")"
attempt 'roles as a text' 'not a list of words' "$(mint "$(claims_of ada '{"roles": "{operator}"}')")"
attempt 'roles that break out of the list' 'not a list of words' "$(mint "$(claims_of ada '{"roles": ["user\",\"operator"]}')")"

# alg: none, and what looks like it
for alg in none None NONE nOnE '' 'none ' hs256 HS256\\u0000 HS2567 HS384 RS256 ES256 PS256 EdDSA A128KW null; do
    attempt "alg $alg, no signature" 'three parts' "$(header "{\"alg\":\"$alg\",\"kid\":\"tests\"}").$body."
    attempt "alg $alg, the right HS256" 'not accepted here|header is malformed' "$(mint "$(claims_of ada)" "{\"alg\":\"$alg\",\"kid\":\"tests\"}")"
done
attempt 'no alg' 'not accepted here' "$(mint "$(claims_of ada)" '{"kid":"tests"}')"
attempt 'alg twice' 'header is malformed' "$(mint "$(claims_of ada)" '{"alg":"HS256","alg":"none","kid":"tests"}')"
attempt 'alg as a list' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":["HS256"],"kid":"tests"}')"
attempt 'another algorithm of the family' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS512","kid":"tests"}')"
attempt 'the wrong algorithm for this key' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"k512"}' "$long")"
attempt 'a secret that is shorter than its hash' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS512","kid":"short512"}')"

# confusion: the public half of an RSA key as the secret of an HMAC, and a signature that really is RSA's
openssl genrsa -out "$test_dir/rsa.pem" 2048 2>/dev/null
public=$(openssl rsa -in "$test_dir/rsa.pem" -pubout 2>/dev/null)
rsa_signed() { printf '%s.%s.%s' "$(header "$1")" "$2" "$(printf '%s.%s' "$(header "$1")" "$2" | openssl dgst -sha256 -sign "$test_dir/rsa.pem" | encode)"; }
attempt 'HS256 with a public RSA key as secret' 'signature is wrong' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"tests"}' "$public")"
attempt 'the same with its newline' 'signature is wrong' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"tests"}' "$public
")"
attempt 'RS256 by a key of the attacker' 'not accepted here' "$(rsa_signed '{"alg":"RS256","kid":"tests"}' "$body")"
attempt 'RS256 that says HS256' 'signature is wrong' "$(rsa_signed '{"alg":"HS256","kid":"tests"}' "$body")"
attempt 'a key that the token brings along' 'flat|malformed|not accepted' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"mine","jwk":{"kty":"oct","k":"YQ"}}' a)"
attempt 'an address of keys' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"mine","jku":"https://evil.example/jwks","x5u":"file:///etc/passwd"}' a)"

# kid
for kid in "tests' OR 'a'='a" "'; DROP TABLE nightbell.users; --" ../../../dev/null /dev/null '*' % 'tests ' TESTS '' test_ '${kid}'; do
    attempt "kid $kid" 'not accepted here' "$(mint "$(claims_of ada)" "{\"alg\":\"HS256\",\"kid\":\"$kid\"}")"
done
attempt 'kid as a number' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":1}')"
attempt 'kid as a list' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":["tests"]}')"
attempt 'no kid' 'not accepted here' "$(mint "$(claims_of ada)" '{"alg":"HS256"}')"
attempt 'a critical extension' 'header is malformed' "$(mint "$(claims_of ada)" '{"alg":"HS256","kid":"tests","crit":["b64"],"b64":false}')"
attempt 'an encrypted token' 'three parts' "$head.$body.$signature.$body.$signature"
attempt 'compressed' 'JSON object|signature' "$(mint 'xTj' '{"alg":"HS256","kid":"tests","zip":"DEF"}')"
attempt 'a token in a token' 'header is malformed|JSON object' "$(mint "$good" '{"alg":"HS256","kid":"tests","cty":"JWT"}')"

# spelling: only one text is the token
attempt 'padding' 'three parts' "$good="
attempt 'padding in every part' 'three parts' "$head=.$body=.$signature="
attempt 'the other alphabet of base64' 'three parts|signature' "${good//[-_]//}/"
attempt 'stray last bits' 'signature is wrong' "$(perl -e 'my $t = shift; my $a = join "", "A".."Z", "a".."z", 0..9, "-", "_"; my $l = chop $t; print $t, substr($a, (index($a, $l) | 3) - (index($a, $l) % 4 == 3), 1)' "$good")"
attempt 'cut short' 'signature is wrong' "${good%?}"
attempt 'cut by four' 'signature is wrong' "${good%????}"
attempt 'one byte of signature' 'signature is wrong' "$head.$body.AA"
attempt 'no signature' 'three parts' "$head.$body."
attempt 'two parts' 'three parts' "$head.$body"
attempt 'four parts' 'three parts' "$good.$signature"
attempt 'the signature twice' 'signature is wrong' "$good$signature"
attempt 'a blank in front' 'three parts' " $good"
attempt 'a blank behind' 'three parts' "$good "
attempt 'with its scheme' 'three parts' "Bearer $good"
attempt 'other letters' 'signature is wrong|header is malformed|not accepted' "${good,,}"
attempt 'a letter of another script' 'three parts' "${good/e/е}"
attempt 'larger than 8 KiB' 'larger than 8 KiB' "$(mint "$(claims_of ada "{\"more\": \"$(printf '%06000d' 0)\"}")")"
attempt 'a megabyte of one part' 'larger than 8 KiB' "$(head -c 1000000 /dev/zero | tr '\0' A).$body.$signature"

# what is inside
for claims in 'not json' '"text"' 'null' 'true' '17' '[]' '{}' '{"sub"}' '{sub:1}' "{'sub':'a'}" '{"a":1,}' '{"a":1}{"b":2}' '{"a":1} x' \
    '{"sub":"a","sub":"b"}' '{"sub":"a","\u0073ub":"b"}' '{"a":{"b":{"c":{}}}}' '{"a":[[["b"]]]}' '{"exp":1e999}' '{"exp":1E9}' '{"exp":0x7fffffff}' \
    '{"exp":+9999999999}' '{"exp":.5}' '{"exp":NaN}' '{"exp":Infinity}' '{"a":"\ud800"}' '{"a":"\u0000"}' '{"a":"\x"}' '{"a":01}' '{"":1,"":2}'; do
    attempt "claims $claims" 'JSON object|no expiry|expired at' "$(mint "$claims")"
done
for exp in 99999999999999999999 253402300800 9223372036854775807 9223372036854775808 18446744073709551616 -1 -9999999999 '"9999999999"' true null '[9999999999]' \
    0 0.0 1.5 -0 999999999999999999999999999999999999999999; do
    attempt "exp $exp" 'not a number|expired|no expiry|JSON object' "$(mint "$(claims_of ada | sed "s/\"exp\":[0-9]*/\"exp\":$exp/")")"
done
attempt 'a tab in a text' 'JSON object' "$(mint $'{"a":"\t"}')"
attempt 'sub twice' 'without duplicates' "$(mint "$(claims_of ada | sed 's/^{/{"sub":"00000000-0000-4000-8000-0000000000b1",/')")"
attempt 'sub twice, once spelled otherwise' 'without duplicates|JSON object' "$(mint "$(claims_of ada | sed 's/^{/{"\\u0073ub":"00000000-0000-4000-8000-0000000000b1",/')")"
attempt 'sub twice, and something that makes up for it' 'without duplicates' "$(mint "$(claims_of ada | sed 's/^{/{"x":"\\u0022: ","sub":"00000000-0000-4000-8000-0000000000b1",/')")"
attempt 'a member twice, further in' 'without duplicates' "$(mint "$(claims_of ada | sed 's/^{/{"x":{"a":1,"a":2},/')")"
for blank in $'\f' $'\v' $'\xc2\xa0' $'\xe2\x80\x83' $'\x1c' $'\x85'; do
    attempt "a blank that is none in JSON, in the header: $(printf %q "$blank")" 'header is malformed' "$(mint "$(claims_of ada)" "{${blank}\"alg\":\"HS256\",\"kid\":\"tests\"}")"
    attempt "and in the claims: $(printf %q "$blank")" 'JSON object' "$(mint "$(claims_of ada | sed "s/^{/{$blank/")")"
done
for bytes in $'\xff' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80' $'\xe2\x82'; do
    attempt "bytes that are no UTF-8: $(printf %q "$bytes")" 'JSON object' "$(mint "$(claims_of ada | LC_ALL=C sed "s/^{/{\"x\":\"$bytes\",/")")"
done
attempt 'an audience as a member of an object' 'another audience' "$(mint "$(claims_of ada '{"aud": {"nightbell": 1}}')")"
attempt 'revoked, by an id that is not ASCII' 'has been revoked' "$(mint "$(claims_of ada '{"jti": "käse-€-😀"}')")"
attempt 'the same, written otherwise' 'has been revoked' "$(mint "$(claims_of ada | sed 's/^{/{"jti":"k\\u00e4se-\\u20AC-\\ud83d\\uDE00",/')")"
attempt 'claims behind a byte order mark' 'JSON object' "$(mint $'\xef\xbb\xbf'"$(claims_of ada)")"
attempt 'a thousand levels deep' 'JSON object' "$(mint "{\"a\":$(printf '[%.0s' {1..1000})$(printf ']%.0s' {1..1000})}")"

# ---- each is tried: who am I, how much is there to read, does writing work ----
{
    cat <<'END'
\set VERBOSITY terse
SET client_min_messages = error;
CREATE FUNCTION pg_temp.readable() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE name text; rows bigint; total bigint := 0; BEGIN
    FOR name IN SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT')) AND c.relname <> 'notification_types' LOOP
        EXECUTE 'SELECT count(*) FROM ' || name INTO rows;
        total := total + rows;
    END LOOP;
    RETURN total + (SELECT count(*) FROM nightbell.my_channels()) + (SELECT count(*) FROM nightbell.people_find('%', '%'));
END $$;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE command; RETURN 'went through'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
END
    while IFS=$'\t' read -r name reason token; do
        printf "SELECT set_config('nightbell.token', '%s', false) IS NULL AS quiet \\\\gset\n" "$token"
        cat <<END
SELECT known, pg_temp.readable(),
    pg_temp.refused('SELECT nightbell.inbox_set_state(''read'', ''{$ada_row}'', ''{now}'')'),
    pg_temp.refused('SELECT nightbell.inbox_take_action(''$ada_row'', ''a'')'),
    pg_temp.refused('SELECT nightbell.event_act(''resolve'', ''{$acme_event}'')'),
    pg_temp.refused('SELECT nightbell.notify(NULL, ''$ADA'', ''TEST_NOTE'', ''a'', ''b'')'),
    pg_temp.refused('SELECT nightbell.raise_event(''a'', ''low'', ''b'')'), reason FROM nightbell.whoami();
END
    done <"$test_dir/attempts"
} >"$test_dir/attempts.sql"

try_as() {
    PGUSER=$1 "$pg_bin/psql" -XqAt -f "$test_dir/attempts.sql" >"$test_dir/outcomes" 2>"$test_dir/errors"
    is "$(cat "$test_dir/errors")" '' "$1: every statement was answered"
    while IFS=$'\t' read -r name reason token <&3 && IFS= read -r outcome <&4; do
        like "$outcome" "^f\|0\|42501\|42501\|42501\|42501\|42501\|.*($reason)" "$1: $name"
    done 3<"$test_dir/attempts" 4<"$test_dir/outcomes"
    is "$(wc -l <"$test_dir/outcomes")" "$(wc -l <"$test_dir/attempts")" "$1: all of them"
}
try_as nightbell_console
try_as nightbell_producing # a bad token is not better than none: this login produces without one
try_as ada                 # and a person's login does not make up for it

# a good token works, so the attempts above fail for what they change
attempt_good() { attacker nightbell_console - -v token="$1" <<<"SELECT set_config('nightbell.token', :'token', false) \\g /dev/null
SELECT known, reason FROM nightbell.whoami()"; }
is "$(attempt_good "$good")" 't|' 'the token that they are made from is accepted'
is "$(attempt_good "$(mint "$(claims_of ada)" '{"alg":"HS512","kid":"k512"}' "$long")")" 't|' 'so is HS512 with a key of its own'
is "$(attempt_good "$(mint "$(claims_of ada '{"iss": "https://id.example"}')" '{"alg":"HS256","kid":"issued"}')")" 't|' 'and the right issuer'
is "$(psql_do "SELECT count(*) FROM nightbell.admin_system_events WHERE is_resolved" || :)" 0 'nothing was resolved meanwhile'

# ---- no other kind of key can be put where HMAC secrets are ----
for algorithm in RS256 ES256 PS256 none '' HS1; do
    not_ok "the database takes no key for \"$algorithm\"" psql_do "INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('x', '$algorithm', sha256('x'))"
done
not_ok 'nor a short secret' psql_do "INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('x', 'HS256', 'short')"

# ---- the vectors of the RFCs ----
as_owner() { psql_do "SET ROLE nightbell_owner; $1"; }
unpadded() { local t=${1//-/+}; t=${t//_//}; while [ $((${#t} % 4)) != 0 ]; do t+='='; done; printf '%s' "$t"; }

# RFC 7515 A.1: its header names no key, so the signature is checked as verify_token() does it
joe_key=$(unpadded AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow)
joe_input=eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ
joe_signature=$(unpadded dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk)
is "$(as_owner "SELECT encode(nightbell.keyed_hash(convert_to('$joe_input', 'UTF8'), decode('$joe_key', 'base64'), 'sha256'), 'base64')")" \
    "$joe_signature" 'RFC 7515 A.1: the signature'
is "$(as_owner "SELECT nightbell.token_object('${joe_input%.*}') ->> 'alg', nightbell.token_object('${joe_input#*.}') ->> 'exp'")" \
    'HS256|1300819380' 'RFC 7515 A.1: header and claims are read'
isnt "$(as_owner "SELECT encode(nightbell.keyed_hash(convert_to('${joe_input%fQ}fR', 'UTF8'), decode('$joe_key', 'base64'), 'sha256'), 'base64')")" \
    "$joe_signature" 'RFC 7515 A.1: not of another text'
like "$(as_owner "SELECT (nightbell.verify_token('$joe_input.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).reason")" 'not accepted here' \
    'RFC 7515 A.1: without kid no key is tried'
psql_do "INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('joe', 'HS256', decode('$joe_key', 'base64')),
    ('018c0ae5-4d9b-471b-bfd6-eef314bc7037', 'HS256', decode('$(unpadded hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg)', 'base64'))"
# the same claims with A.1's key, under a header that names it: right, but long expired
expired=$(joe_key=$joe_key perl -MDigest::SHA=hmac_sha256_base64 -MMIME::Base64 -e '
    my $h = encode_base64(q({"alg":"HS256","kid":"joe"}), ""); $h =~ tr|+/=|-_|d; my $t = "$h.$ARGV[0]";
    my $s = hmac_sha256_base64($t, decode_base64($ENV{joe_key})); $s =~ tr|+/|-_|; print "$t.$s"' "${joe_input#*.}")
like "$(as_owner "SELECT (nightbell.verify_token('$expired')).reason")" 'expired at 2011-03-22 18:43:00' "RFC 7515 A.1: Joe's claims are over since 2011"

# RFC 7520 4.4: the payload is no JSON, so the reason tells a right signature from a wrong one
frodo_header=eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9
frodo=SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4
frodo_signature=s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0
verified() { as_owner "SELECT (nightbell.verify_token('$1')).reason"; }
like "$(verified "$frodo_header.$frodo.$frodo_signature")" 'claims are not a JSON object' 'RFC 7520 4.4: the signature is right, the text no claims'
like "$(verified "$frodo_header.${frodo/SXTi/SXTj}.$frodo_signature")" 'signature is wrong' 'RFC 7520 4.4: another text'
like "$(verified "$frodo_header.$frodo.${frodo_signature%0}1")" 'signature is wrong' 'RFC 7520 4.4: stray bits in its last letter'
like "$(verified "$frodo_header.$frodo.${frodo_signature%0}4")" 'signature is wrong' 'RFC 7520 4.4: another last byte'
like "$(verified "$frodo_header.$frodo.s${frodo_signature:2}")" 'signature is wrong' 'RFC 7520 4.4: a letter less'
like "$(verified "$frodo_header.$frodo.${frodo_signature}A")" 'signature is wrong' 'RFC 7520 4.4: a letter more'
like "$(verified "$frodo_header.$frodo.$frodo_signature=")" 'three parts' 'RFC 7520 4.4: with padding'
like "$(verified "$frodo_header..$frodo_signature")" 'three parts' 'RFC 7520 4.5: detached content is none of ours'
done_testing
