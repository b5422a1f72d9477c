#!/bin/bash
# Tokens that are forged, spoiled or out of date, in a plain psql: with each of them nothing can be read and nothing written,
# and only whoami() says why. Then the vectors that the RFCs publish.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
. "${srcdir:-.}/tests/attacks/forged.sh"

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
