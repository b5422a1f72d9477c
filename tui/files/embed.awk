# embed.awk - turns keymaps/*.keys and themes/*.theme into C: the table that tui/files/shipped.h declares.
#
#   awk -f embed.awk FILE… > shipped.c
#
# Plain POSIX awk: mawk, gawk and busybox give the same bytes.

function fail(message)
{
    print "embed.awk: " message > "/dev/stderr"
    failed = 1
    exit 1
}

# One line as a C string literal.
function quoted(line)
{
    gsub(/[\\"]/, "\\\\&", line)
    gsub(/\t/, "\\t", line)
    return "\"" line "\\n\""
}

function emit_file(path,    name, kind, line, status)
{
    name = path
    sub(/.*\//, "", name)
    kind = name
    sub(/.*\./, "", kind)
    sub(/\.[a-z]*$/, "", name)
    if (kind != "keys" && kind != "theme")
        fail(path ": neither .keys nor .theme")
    printf "    {%s, \"%s\",\n", kind == "keys" ? "FILES_KEYMAP" : "FILES_THEME", name
    print "     \"\""
    while ((status = (getline line < path)) > 0)
        print "     " quoted(line)
    if (status < 0)
        fail(path ": cannot be read")
    close(path)
    print "    },"
}

BEGIN {
    print "/* Generated from keymaps/ and themes/ by embed.awk. */"
    print "#include \"tui/files/shipped.h\"\n"
    print "const struct shipped_file shipped_files[] = {"
    for (i = 1; i < ARGC; i++)
        emit_file(ARGV[i])
    print "};"
    print "const size_t shipped_file_count = sizeof(shipped_files) / sizeof(shipped_files[0]);"
    exit failed
}
