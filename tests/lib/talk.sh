# talk.sh - several psql sessions that stay open, each with a transaction of its own.
#
#   . "$srcdir/tests/lib/talk.sh"          after cluster.sh
#   talk_open NAME LOGIN [TOKEN] [SETTING=VALUE…]   connects; the session is called NAME from then on
#   talk NAME 'SQL'                        sends it and prints what came back, errors too, when it is done
#   talk_begin NAME 'SQL'                  sends it and does not wait; talk_answer NAME waits and prints
#   talk_close NAME                        ends the session; those that are open at the end of the test are ended with it
#
# An answer has one line a row, as psql -At prints it, and "ERROR:  …"; hints and contexts are left out.

declare -A talk_fd talk_pid

talk_open() {
    local name=$1 login=$2 token=${3:-} options='' setting fd
    [ -z "$token" ] || options="-c nightbell.token=$token"
    for setting in "${@:4}"; do options+=" -c $setting"; done
    mkfifo "$test_dir/talk.$name"
    : >"$test_dir/talk.$name.out"
    (
        # must not inherit the other sessions' pipes, which would then stay open after talk_close
        for fd in ${talk_fd[@]+"${talk_fd[@]}"}; do exec {fd}>&-; done
        # line by line, because psql would otherwise keep the output of \echo in its buffer
        PGUSER=$login PGOPTIONS=$options exec stdbuf -oL "$pg_bin/psql" -XqAt
    ) <"$test_dir/talk.$name" >>"$test_dir/talk.$name.out" 2>&1 &
    talk_pid[$name]=$!
    exec {talk_fd[$name]}>"$test_dir/talk.$name"
    echo 0 >"$test_dir/talk.$name.asked" # a file: talk is called within $(…)
}
talk_begin() {
    local number
    read -r number <"$test_dir/talk.$1.asked"
    number=$((number + 1))
    echo $number >"$test_dir/talk.$1.asked"
    printf '%s;\n\\echo end of %s\n' "$2" $number >&"${talk_fd[$1]}"
}
talk_answer() {
    local out=$test_dir/talk.$1.out number
    read -r number <"$test_dir/talk.$1.asked"
    wait_for 60 grep -q "^end of $number\$" "$out" || echo "no answer: $(tail -3 "$out")"
    awk -v last="end of $((number - 1))" 'last == "end of 0" || behind; $0 == last { behind = 1 }' "$out" |
        grep -vE '^(end of [0-9]+$|HINT|CONTEXT|DETAIL|LINE|  *\^|PL/pgSQL|SQL statement)'
}
talk() {
    talk_begin "$1" "$2"
    talk_answer "$1"
}
talk_close() {
    exec {talk_fd[$1]}>&-
    wait "${talk_pid[$1]}"
    rm "$test_dir/talk.$1" "$test_dir/talk.$1.out" "$test_dir/talk.$1.asked"
    unset "talk_fd[$1]" "talk_pid[$1]"
}
