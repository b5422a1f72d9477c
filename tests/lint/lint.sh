# lint.sh - what the lint tests share. Each rule is a function that prints what breaks it, one "file:line: text" a line.

. "${srcdir:-.}/tests/lib/tap.sh"
cd "$srcdir" || exit 99

# The files of a room that end so, from the repository's top: sources core c h
sources() {
    local room=$1 end find_args=()
    shift
    for end in "$@"; do find_args+=(-o -name "*.$end"); done
    [ ! -d "$room" ] || find "$room" -type f \( "${find_args[@]:1}" \) | LC_ALL=C sort
}
c_sources() { for room in "${@:-core}"; do sources "$room" c h; done; }
all_c_sources() { c_sources core cli tui tests bench; }

# Prints "file:line: text" of lines of C that match a pattern, without comments; strings stay unless --no-strings.
grep_c() {
    local strings=1 pattern
    if [ "$1" = --no-strings ]; then
        strings=0
        shift
    fi
    pattern=$1
    shift
    [ $# -gt 0 ] || return 0
    STRINGS=$strings PATTERN=$pattern perl -e '
        for my $file (@ARGV) {
            local $/; open my $in, "<", $file or die "$file: $!\n"; my $text = <$in>;
            my $blank = sub { my $t = shift; $t =~ s/[^\n]/ /g; $t };
            $text =~ s{("(?:[^"\\\n]|\\.)*"|\x27(?:[^\x27\\\n]|\\.)*\x27)|(/\*.*?\*/|//[^\n]*)}
                      {defined $2 ? $blank->($2) : $ENV{STRINGS} ? $1 : q("") . " " x (length($1) - 2)}gse;
            my $number = 0;
            for my $line (split /\n/, $text) { $number++; print "$file:$number: $line\n" if $line =~ /$ENV{PATTERN}/; }
        }' "$@"
}

# nothing "name" command…: passes when the command prints nothing.
nothing() {
    local name=$1 found
    shift
    found=$("$@" 2>&1)
    if [ -z "$found" ]; then pass "$name"; else fail "$name" "$found"; fi
}
