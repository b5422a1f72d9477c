# embed.awk - turns core/sql/*/*.sql into C: the tables that core/db/sql.h (client) and core/db/server_query.h declare.
#
#   awk -v output=ids          -f embed.awk FILE…  > sql_ids.h            the enum of the client's queries
#   awk -v output=texts        -f embed.awk FILE…  > sql_texts.c          their texts, and the schema's version
#   awk -v output=server_ids   -f embed.awk FILE…  > server_sql_ids.h     the enums of the server's queries and scripts
#   awk -v output=server_texts -f embed.awk FILE…  > server_sql_texts.c   their texts, the migrations and definitions
#
# Files come sorted by path; the folder decides what a file is. Plain POSIX awk: mawk, gawk and busybox give the same bytes.

function fail(message)
{
    print "embed.awk: " message > "/dev/stderr"
    failed = 1
    exit 1
}

function base_name(path)
{
    sub(/.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

function folder_name(path)
{
    sub(/\/[^\/]*$/, "", path)
    sub(/.*\//, "", path)
    return path
}

# One line as a C string literal.
function quoted(line)
{
    gsub(/[\\"]/, "\\\\&", line)
    gsub(/\r/, "\\r", line)
    gsub(/\t/, "\\t", line)
    return "\"" line "\\n\""
}

function begin_entry(head)
{
    printf "    {%s,\n", head
    entry_is_empty = 1
}

function add_line(line)
{
    printf "     %s\n", quoted(line)
    entry_is_empty = 0
}

function end_entry(what)
{
    if (entry_is_empty)
        fail(what ": is empty")
    print "    },"
}

# A query's header comment is for people; everything else goes in as it is.
function emit_file(path, folder,    line, in_header, status)
{
    begin_entry("\"" base_name(path) "\"")
    in_header = (folder == "queries" || folder == "server" || folder == "scripts")
    while ((status = (getline line < path)) > 0) {
        if (in_header && line ~ /^[ \t]*(--.*)?$/)
            continue
        in_header = 0
        add_line(line)
    }
    if (status < 0)
        fail(path ": cannot be read")
    close(path)
    end_entry(path)
}

# Fragments stand behind lines of the form "-- :name"; other comment lines are for people.
function emit_fragments(path,    line, name, status)
{
    name = ""
    while ((status = (getline line < path)) > 0) {
        if (line ~ /^-- :/) {
            if (name != "")
                end_entry(path ": " name)
            name = substr(line, 5)
            sub(/[ \t]*$/, "", name)
            if (name !~ /^[a-z0-9_]+$/)
                fail(path ": bad fragment name \"" name "\"")
            if ((path, name) in seen_fragment)
                fail(path ": fragment " name " comes twice")
            seen_fragment[path, name] = 1
            begin_entry("\"" base_name(path) "\", \"" name "\"")
        } else if (line !~ /^[ \t]*(--.*)?$/) {
            if (name == "")
                fail(path ": text before the first \"-- :name\" line")
            add_line(line)
        }
    }
    if (status < 0)
        fail(path ": cannot be read")
    close(path)
    if (name != "")
        end_entry(path ": " name)
}

# A table of all files of a kind ("functions policies"). ISO C has no empty arrays, so each ends in an empty entry,
# which the count leaves out.
function emit_table(declaration, count, kinds,    i)
{
    print "\n" declaration " = {"
    for (i = 1; i < ARGC; i++) {
        if (index(" " kinds " ", " " folder[i] " ") == 0)
            continue
        if (folder[i] == "filters")
            emit_fragments(ARGV[i])
        else
            emit_file(ARGV[i], folder[i])
    }
    print "    {NULL},\n};"
    sub(/.* /, "", declaration)
    sub(/\[.*/, "", declaration)
    if (count != "")
        print "const size_t " count " = sizeof(" declaration ") / sizeof(" declaration "[0]) - 1;"
}

function emit_enum(name, prefix, kind,    i)
{
    print "\nenum " name " {"
    for (i = 1; i < ARGC; i++)
        if (folder[i] == kind)
            print "    " prefix toupper(base_name(ARGV[i])) ","
    print "    " prefix "COUNT\n};"
}

function emit_ids()
{
    print "/* Generated from core/sql/queries/ by embed.awk. */"
    print "#ifndef NB_SQL_IDS_H\n#define NB_SQL_IDS_H"
    emit_enum("nb_sql", "NB_SQL_", "queries")
    print "\n#endif"
}

function emit_server_ids()
{
    print "/* Generated from core/sql/server/ and core/sql/scripts/ by embed.awk. */"
    print "#ifndef NB_SERVER_SQL_IDS_H\n#define NB_SERVER_SQL_IDS_H"
    emit_enum("nb_server_sql", "NB_SERVER_SQL_", "server")
    emit_enum("nb_sql_script", "NB_SCRIPT_", "scripts")
    print "\n#endif"
}

# The files come sorted, so the last migration has the highest number.
function last_version(    i, version)
{
    for (i = 1; i < ARGC; i++)
        if (folder[i] == "migrations")
            version = base_name(ARGV[i]) + 0
    return version
}

function emit_texts()
{
    print "/* Generated from core/sql/ by embed.awk. */"
    print "#include \"db/sql.h\""
    emit_table("const struct nb_sql_text nb_sql_queries[NB_SQL_COUNT + 1]", "", "queries")
    emit_table("const struct nb_sql_fragment nb_sql_fragments[]", "nb_sql_fragment_count", "filters")
    print "\nconst int nb_sql_schema_version = " last_version() ";"
}

function emit_server_texts()
{
    print "/* Generated from core/sql/ by embed.awk. */"
    print "#include \"db/server_query.h\""
    emit_table("const struct nb_sql_text nb_server_queries[NB_SERVER_SQL_COUNT + 1]", "", "server")
    emit_table("const struct nb_sql_text nb_sql_scripts[NB_SCRIPT_COUNT + 1]", "", "scripts")
    emit_table("const struct nb_sql_text nb_sql_migrations[]", "nb_sql_migration_count", "migrations")
    emit_table("const struct nb_sql_text nb_sql_definitions[]", "nb_sql_definition_count", "functions policies")
}

BEGIN {
    for (i = 1; i < ARGC; i++) {
        folder[i] = folder_name(ARGV[i])
        if (base_name(ARGV[i]) !~ /^[a-z0-9_]+$/)
            fail(ARGV[i] ": a name consists of a-z, 0-9 and _")
    }
    if (output == "ids")
        emit_ids()
    else if (output == "texts")
        emit_texts()
    else if (output == "server_ids")
        emit_server_ids()
    else if (output == "server_texts")
        emit_server_texts()
    else
        fail("say -v output=ids, texts, server_ids or server_texts")
    exit failed
}
