#!/bin/bash
# What bootstrap does before and without building: usage, missing packages, and who may install them.
. "${srcdir:-.}/tests/lib/tap.sh"

checkout=$test_dir/checkout
mkdir -p "$checkout" "$test_dir/bin"
cp "$srcdir/bootstrap" "$checkout"
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$test_dir/bin/$1"
    chmod +x "$test_dir/bin/$1"
}
bootstrap() { (cd / && PATH=$test_dir/bin:/usr/bin:/bin "$checkout/bootstrap" "$@"); }

ok "it is a POSIX script" sh -n "$checkout/bootstrap"
run bootstrap
is_status 2 "without a word it tells its usage"
like "$out" 'bootstrap run.*bootstrap check.*bootstrap build' "with all three words"
run bootstrap nonsense
is_status 2 "and with a word that it does not know"
run bootstrap help
is_status 0 "help is no error"

# Nothing is ever installed here: apt-get and sudo are ours.
fake apt-get 'echo "apt-get $*" >>"'"$test_dir"'/calls"; exit 100'
fake sudo 'exec "$@"'
fake id 'echo 1000'
fake dpkg-query 'echo "unknown ok not-installed"'
mkdir "$test_dir/etc"
run bootstrap build
is_status 1 "packages that cannot be installed end it"
like "$(cat "$test_dir/calls")" '^apt-get .* update' "the package lists are fetched first"
like "$err" 'package lists could not be fetched' "and what failed is said"
rm "$test_dir/bin/sudo"
if [ ! -x /usr/bin/sudo ]; then
    run bootstrap build
    is_status 1 "without root and without sudo it gives up"
    like "$err" 'As root, run: apt-get install .*postgresql' "and says what to run"
fi
done_testing
