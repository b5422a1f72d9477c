# node.sh - packages of npm for the tests, at the versions of a lock file; kept in the build directory.
#
#   node_packages SOURCE NAME    copies the files of the folder SOURCE to $builddir/tests/NAME and installs there what its
#                                lock file says, where that has changed. Says why not, and fails, where it cannot be.
node_packages() {
    local source=$1 there=$builddir/tests/$2
    command -v node >/dev/null && command -v npm >/dev/null || { echo "no node or no npm" && return 1; }
    mkdir -p "$there" && cp "$source"/* "$there" && chmod u+w "$there"/* || return 1
    cmp -s "$there/package-lock.json" "$there/installed" || {
        (cd "$there" && HOME=$real_home npm ci --ignore-scripts --no-audit --no-fund 2>&1) >"$test_dir/npm.log" &&
            cp "$there/package-lock.json" "$there/installed" || { tail -3 "$test_dir/npm.log" && return 1; }
    }
}
