# attack.sh - what the attacks share: a database with something to find in it, and a plain psql to look for it.
#
#   . "${srcdir:-.}/tests/lib/tap.sh"; . "${srcdir:-.}/tests/lib/cluster.sh"; . "${srcdir:-.}/tests/attacks/attack.sh"
#   attack_start                  a cluster, and texts that say whose they are (see below)
#   attacker LOGIN PERSON [psql's arguments]   psql as LOGIN with PERSON's token (- for none); goes on after an error
#   mint CLAIMS [HEADER] [KEY]    a token with any header and claims; KEY is the secret's text
#   claims_of NAME [MEMBERS]      acceptable claims, as JSON, with members added or replaced
#
# Every text of a victim has a mark in it: ada-secret (her notifications), acme-secret (announcements of the tenant),
# operators-secret (its system events), global-secret (events of the installation). $ada_row, $acme_event, $global_event …
# are ids of them. $parallel_setting is the setting that makes the server take parallel plans, which PostgreSQL 16 renamed.

mint() {
    perl -MDigest::SHA=hmac_sha256,hmac_sha384,hmac_sha512 -MMIME::Base64 -e '
        my ($claims, $header, $key) = @ARGV;
        my $text = join ".", map { my $t = encode_base64($_, ""); $t =~ tr|+/=|-_|d; $t } $header, $claims;
        my $hash = $header =~ /HS384/ ? \&hmac_sha384 : $header =~ /HS512/ ? \&hmac_sha512 : \&hmac_sha256;
        my $signature = encode_base64($hash->($text, $key), "");
        $signature =~ tr|+/=|-_|d;
        print "$text.$signature\n";' \
        "$1" "${2:-{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"tests\"\}}" "${3:-a secret of the tests, 32 bytes or more}"
}

claims_of() {
    local id=${1^^} tenant=$ACME roles='["user"]'
    case $1 in
    mallory) tenant=$GLOBEX roles='["user","operator"]' ;;
    bob | carol) roles='["user","operator"]' ;;
    olga) tenant='*' roles='["user","operator","producer","admin"]' ;;
    app) roles='["producer"]' ;;
    esac
    jq -nc --arg sub "${!id}" --arg tenant "$tenant" --argjson roles "$roles" --argjson more "${2:-{\}}" \
        '{sub: $sub, tenant: $tenant, roles: $roles, aud: "nightbell", iat: (now | floor), exp: (now + 3600 | floor)} + $more'
}

# Not stopped by an error: an attacker goes on as well.
attacker() {
    local login=$1 person=$2 options=
    shift 2
    [ "$person" = - ] || options="-c nightbell.token=$(token_of "$person")"
    PGUSER=$login PGOPTIONS=$options "$pg_bin/psql" -XqAt "$@"
}
token_of() { cat "$(token_file "$1")"; }

attack_start() {
    cluster_start
    psql_do "CREATE ROLE only_producing LOGIN IN ROLE nightbell_producer" &&
        psql_do "CREATE ROLE only_working LOGIN IN ROLE nightbell_worker" &&
        psql_do "CREATE ROLE only_ringing LOGIN IN ROLE nightbell_ringer" &&
        "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v acme="$ACME" -v globex="$GLOBEX" -v ada="$ADA" -v bob="$BOB" \
            -v mallory="$MALLORY" -f "$srcdir/tests/attacks/victims.sql" >"$test_dir/ids" ||
        bail_out "there is nothing to attack"
    while IFS='|' read -r name id; do printf -v "$name" %s "$id"; done <"$test_dir/ids"
    parallel_setting=$(psql_do "SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')")
}
