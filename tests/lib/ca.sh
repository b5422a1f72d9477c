# ca.sh - certificate authorities of a test's own, and certificates of theirs; after tap.sh.
#
#   ca_new NAME             an authority: $ca_dir/NAME.pem
#   ca_sign CA NAME SUBJECT_ALT_NAMES [DAYS]   $ca_dir/NAME.pem and NAME.key, good for so many days from now (2; 0: it has ended)
#   make_ca                 $ca_file, and a certificate of it for localhost: $server_certificate, $server_key

ca_dir=$test_dir/ca
ca_new() {
    mkdir -p "$ca_dir"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1 CA" -keyout "$ca_dir/$1.key" -out "$ca_dir/$1.pem" \
        2>"$test_dir/openssl.log" || bail_out "openssl: $(tail -1 "$test_dir/openssl.log")"
}
ca_sign() {
    {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' -keyout "$ca_dir/$2.key" -out "$ca_dir/$2.csr" &&
            openssl x509 -req -in "$ca_dir/$2.csr" -CA "$ca_dir/$1.pem" -CAkey "$ca_dir/$1.key" -CAcreateserial -days "${4:-2}" -out "$ca_dir/$2.pem" \
                -extfile <(echo "subjectAltName=$3")
    } 2>"$test_dir/openssl.log" || bail_out "openssl: $(tail -1 "$test_dir/openssl.log")"
}
make_ca() {
    ca_new test
    ca_sign test server 'DNS:localhost,IP:127.0.0.1'
    ca_file=$ca_dir/test.pem server_certificate=$ca_dir/server.pem server_key=$ca_dir/server.key
}
