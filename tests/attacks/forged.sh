# forged.sh - tokens that are forged, spoiled or out of date, into $test_dir/attempts: a name, what whoami() is to say (a pattern), and the
# token, separated by tabs. After attack_start, which it needs for keys and for who has been revoked.

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
