# providers.sh - starts providers.py; after tap.sh.
#
#   providers_start DIRECTORY HOST… [--tls CERTIFICATE KEY]    $provider_port is theirs; they end with the test
#   behave DIRECTORY KEY BEHAVIOUR     what the provider there answers to KEY from now on ('' : it is well)
#   $twilio_account $twilio_token      whom its SMS take
twilio_account=AC0123456789abcdef0123456789abcdef twilio_token='the token'
provider_pids=()

providers_start() {
    local input
    mkdir -p "$1/behaviour"
    : >"$1/requests"
    mkfifo "$1/input"
    python3 "$srcdir/tests/channels/providers.py" "$@" <"$1/input" 2>"$1/errors" &
    provider_pids+=($!)
    exec {input}>"$1/input"
    [ ${#provider_pids[@]} -gt 1 ] || at_exit providers_end
    wait_for 30 test -s "$1/provider_port" || bail_out "the providers do not start: $(cat "$1/errors")"
    provider_port=$(cat "$1/provider_port")
}
providers_end() { kill "${provider_pids[@]}" 2>/dev/null; }

behave() { printf %s "$3" >"$1/behaviour/$2.new" && mv "$1/behaviour/$2.new" "$1/behaviour/$2"; }
