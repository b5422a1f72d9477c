# embed.awk - turns send.sh and channels.conf into C: the texts that core/demo/files.h declares.
#
#   awk -f embed.awk send.sh channels.conf > files.c
#
# Plain POSIX awk: mawk, gawk and busybox give the same bytes.

function begin_text(path,    name)
{
    name = path
    sub(/.*\//, "", name)
    gsub(/[^a-z]/, "_", name)
    printf "%sconst char demo_%s[] =\n", (NR > 1 ? "    ;\n\n" : "\n"), name
}

BEGIN {
    print "/* Generated from send.sh and channels.conf by embed.awk. */"
    print "#include \"demo/files.h\""
}

FNR == 1 { begin_text(FILENAME) }

{
    gsub(/[\\"]/, "\\\\&")
    gsub(/\t/, "\\t")
    print "    \"" $0 "\\n\""
}

END { print "    ;" }
