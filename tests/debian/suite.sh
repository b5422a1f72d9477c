#!/bin/bash
# suite.sh - the whole suite in a bare Debian of its own, made by debootstrap. By hand, as root:
#
#   tests/debian/suite.sh [-m MIRROR] [-u] [-k] SUITE [DIRECTORY] [COMMAND…]
#
#   SUITE        bookworm, trixie …; -m takes it from another mirror than the one apt uses here
#   DIRECTORY    where the Debian is made, or is already (default: /var/tmp/nightbell-SUITE); -k keeps the build of the last run
#   COMMAND      what to run in a copy of this checkout, instead of `./bootstrap run` without a terminal and `./bootstrap check`
#   -u           as an ordinary user with sudo, not as root
#
# The copy is the working tree without what git ignores. Mounts and processes have a name space of their own, whose root the
# Debian is: nothing stays mounted or running, and tests can make name spaces too. The exit code is that of the last command.
set -eu

die() {
    echo "suite.sh: $*" >&2
    exit 2
}

# What apt here takes its main packages from, security and other people's archives left out.
own_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
        awk '$2 == "Debian" { print $1; exit }'
}

# A Debian with nothing but what a checkout needs to arrive, and apt as it is set up here (proxies, what it checks).
make_debian() {
    echo "suite.sh: making a Debian $suite in $root"
    debootstrap --variant=minbase --include=ca-certificates,git,sudo "$suite" "$root" "$mirror"
    apt-config dump Acquire | grep -v '^Acquire::IndexTargets' >"$root/etc/apt/apt.conf.d/90as-outside"
    chroot "$root" useradd --create-home --shell /bin/bash tester
    echo 'tester ALL = (ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/tester"
    touch "$root/etc/nightbell-suite"
}

copy_checkout() {
    local top
    top=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
    rm -rf "${root:?}/var/tmp/kept"
    if [ "$keep" = yes ] && [ -d "$root$place/build" ]; then mv "$root$place/build" "$root/var/tmp/kept"; fi
    rm -rf "${root:?}$place"
    mkdir -p "$root$place"
    [ ! -d "$root/var/tmp/kept" ] || mv "$root/var/tmp/kept" "$root$place/build"
    (cd "$top" && git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar -c --null -T - -f -) | tar -x --no-same-owner -C "$root$place" -f -
    chroot "$root" chown -R "$user:" "$place"
}

# Inside its own name spaces: the Debian becomes the root, and the outside is gone.
enter_debian() {
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/.outside"
    cd "$root"
    pivot_root . .outside
    umount -l /.outside
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        ${NB_PG_BIN:+NB_PG_BIN="$NB_PG_BIN"} runuser -u "$user" -- \
        env HOME="$home" USER="$user" bash -c 'cd "$1" && shift && "$@"' - "$place" "$@"
}
run_inside() {
    echo "suite.sh: $suite, as $user: $*"
    local from=$SECONDS rc=0
    root=$root place=$place user=$user home=$home \
        unshare --mount --pid --fork --kill-child --propagation private "$BASH" "$0" --enter "$@" </dev/null || rc=$?
    echo "suite.sh: exit code $rc after $((SECONDS - from)) s"
    return $rc
}

if [ "${1:-}" = --enter ]; then
    shift
    enter_debian "$@"
fi
mirror='' user=root home=/root keep=no
while getopts m:uk option; do
    case $option in
    m) mirror=$OPTARG ;;
    u) user=tester home=/home/tester ;;
    k) keep=yes ;;
    *) die "usage: $0 [-m MIRROR] [-u] [-k] SUITE [DIRECTORY] [COMMAND…]" ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die "usage: $0 [-m MIRROR] [-u] [-k] SUITE [DIRECTORY] [COMMAND…]"
[ "$(id -u)" = 0 ] || die "debootstrap and mounts need root"
command -v debootstrap >/dev/null || die "no debootstrap: apt-get install debootstrap"
suite=$1 root=${2:-/var/tmp/nightbell-$1} place=$home/nightbell
shift $(($# > 1 ? 2 : 1))
if [ ! -e "$root/etc/nightbell-suite" ]; then
    [ ! -e "$root" ] || [ -z "$(ls -A "$root")" ] || die "$root is not empty and was not made here"
    mirror=${mirror:-$(own_mirror)}
    [ -n "$mirror" ] || die "apt has no mirror of Debian here: name one with -m"
    mkdir -p "$root"
    make_debian
fi
copy_checkout
if [ $# -gt 0 ]; then
    run_inside "$@"
else
    run_inside ./bootstrap run
    run_inside ./bootstrap check
fi
