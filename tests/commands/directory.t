#!/bin/bash
# users, groups, devices and addresses: the directory, which an application keeps in step with its own. Thousands of rows,
# the same again changes nothing, a diff first, errors by line and member, and nobody reaches beyond a tenant.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
uuid() { printf '00000000-0000-4000-9000-%012d' "$1"; }

# -- what there is goes out, comes back, and changes nothing
for kind in users groups devices addresses; do
    admin $kind list
    is_status 0 "$kind list"
done
admin users export
is "$(jq -c . <<<"$out" | head -1)" "{\"id\":\"$ADA\",\"name\":\"ada\",\"email\":\"ada@acme.example\",\"phone\":null,\"locale\":null,\"time_zone\":\"UTC\",\"roles\":[\"user\"]}" \
    "a user as JSON, roles as members"
echo "$out" >"$test_dir/people"
admin users import "$test_dir/people"
is "$(cut -f 3 <<<"$out" | sort | uniq -c | tr -s ' ')" ' 5 same' "what export writes changes nothing"

# -- a diff first
sed 's/"ada"/"Ada L."/; s/"UTC"/"Europe\/Riga"/' "$test_dir/people" | head -1 >"$test_dir/changed"
admin --quiet users import --dry-run "$test_dir/changed"
is "$out" "1	$ADA	changed	name,time_zone" "what would change, member by member"
is "$(psql_do "SELECT name FROM nightbell.users WHERE id = '$ADA'")" ada "and nothing has"
admin users import "$test_dir/changed"
is "$out" "1	$ADA	changed" "then it does"
admin users show 'Ada L.'
is "$(jq -r .time_zone <<<"$out")" Europe/Riga "somebody is shown by name"
admin users show "ADA@acme.example"
is "$(jq -r .id <<<"$out")" "$ADA" "by address"
admin users show "$ADA"
is "$(jq -r .name <<<"$out")" 'Ada L.' "and by UUID"

# -- what is wrong is told by line and member, and keeps no other out
cat >"$test_dir/bad" <<END
{"id":"$(uuid 1)","name":"zoe","phone":"+37120000000","locale":"lv","time_zone":"Europe/Riga","roles":["user","operator"]}
{"id":"7","name":"a"}
{"id":"$(uuid 2)"}
{"id":"$(uuid 2)","name":"a\\nb"}
{"id":"$(uuid 2)","name":"a","email":"nowhere"}
{"id":"$(uuid 2)","name":"a","phone":"+0371"}
{"id":"$(uuid 2)","name":"a","locale":"english please"}
{"id":"$(uuid 2)","name":"a","time_zone":"Mars/Olympus"}
{"id":"$(uuid 2)","name":"a","roles":["god"]}
{"id":"$(uuid 2)","name":"a","boss":true}
{"id":"$(uuid 2)","name":"BOB"}
{"id":"$(uuid 3)","name":"twin"}
{"id":"$(uuid 4)","name":"Twin"}
{"id":"$(uuid 3)","name":"twin","locale":"en"}
7
{
END
admin users import "$test_dir/bad"
is "$status|$out" "1|1	$(uuid 1)	added
12	$(uuid 3)	added
14	$(uuid 3)	changed" "the good lines are in, also those of one person that come one after the other"
is "$(sed 's/^nightbell: //; s/: correct them.*//' <<<"$err")" "line 2: id: expected a UUID
line 3: name: expected a string
line 4: name: expected 1 to 100 characters, no control characters, no blanks around them
line 5: email: expected an address such as ada@acme.example, at most 254 characters
line 6: phone: expected a number such as +37120000000 (E.164)
line 7: locale: expected a language such as en or pt-BR
line 8: time_zone: expected the name of a time zone, such as Europe/Berlin
line 9: roles: expected a list of user, operator, producer, admin
line 10: unknown member \"boss\"
line 11: name: somebody else in the tenant is called \"BOB\"
line 13: name: somebody else in the tenant is called \"Twin\"
line 15: the item is not a JSON object
line 16: the item is no JSON that PostgreSQL takes
13 of 16 lines were refused" "the others are told by line and member"
is "$(psql_do "SELECT string_agg(role, ' ' ORDER BY role) FROM nightbell.user_roles WHERE user_id = '$(uuid 1)'")" 'operator user' "roles are stored"

# two people who change names: one by one, since neither name is free before the other has changed
printf '{"id":"%s","name":"%s"}\n' "$(uuid 1)" free "$(uuid 3)" zoe "$(uuid 1)" twin >"$test_dir/swap"
admin users import "$test_dir/swap"
is "$(psql_do "SELECT string_agg(name, ' ' ORDER BY id) FROM nightbell.users WHERE id IN ('$(uuid 1)', '$(uuid 3)')")" 'twin zoe' "names are exchanged, line after line"

# -- the other ways to write them
printf '\xef\xbb\xbfid,name,email,phone,roles,time_zone\r\n%s,"O''Neil, ""Shaq""\nJr",,,user,\r\n\r\n%s,Ann,ann@acme.example,+37120000001,user operator,Asia/Tokyo\r\n%s,short\r\n' \
    "$(uuid 20)" "$(uuid 21)" "$(uuid 22)" >"$test_dir/people.csv"
admin users import "$test_dir/people.csv"
is "$status|$out" "1|5	$(uuid 21)	added" "CSV: a record becomes a user"
is "$(head -2 <<<"$err" | cut -c 12-)" 'line 2: name: expected 1 to 100 characters, no control characters, no blanks around them
line 6: 2 cells where the first line has 6' "the line where a record begins is named"
sed -i 's/Jr"/"/; s/""Shaq""/""Shaq""/' "$test_dir/people.csv"
is "$(psql_do "SELECT name, email, phone, time_zone, (SELECT string_agg(role, ' ' ORDER BY role) FROM nightbell.user_roles r WHERE r.user_id = u.id) FROM nightbell.users u WHERE id = '$(uuid 21)'")" \
    'Ann|ann@acme.example|+37120000001|Asia/Tokyo|operator user' "with roles, separated by blanks"
printf 'id,name\n%s,"O''Neil, ""Shaq"""\n' "$(uuid 20)" | "$nightbell" --dsn "$cluster_admin_dsn" --tenant acme --quiet users import --format csv -
is "$(psql_do "SELECT name FROM nightbell.users WHERE id = '$(uuid 20)'")" 'ONeil, "Shaq"' "quotes and commas, from standard input"
printf 'id,name\n"%s,x\n' "$(uuid 22)" >"$test_dir/open.csv"
admin users import "$test_dir/open.csv"
like "$status|$err" '^2\|nightbell: line 2: a quoted cell does not end' "a quote that does not end"
: >"$test_dir/empty.csv"
admin users import "$test_dir/empty.csv"
like "$status|$err" '^2\|nightbell: line 1: expected the names of the members' "a file without its first line"
admin rules import --format csv "$test_dir/people.csv"
like "$status|$err" '^2\|nightbell: rules are not read from CSV: ' "other kinds are no table"
cat >"$test_dir/people.yaml" <<END
users:
  - id: $(uuid 30)
    name: Yam
    roles: [user]
  - id: $(uuid 31)
    name: Yin
    locale: "!"
END
admin users import "$test_dir/people.yaml"
is "$status|$out|$(head -1 <<<"$err")" "1|2	$(uuid 30)	added|nightbell: line 5: locale: expected a language such as en or pt-BR" "YAML, with lines"
printf '[{"id":"%s","name":"Jay"},\n {"id":"%s","name":"Jon"}]' "$(uuid 40)" "$(uuid 41)" >"$test_dir/people.json"
admin users import "$test_dir/people.json"
is "$out" "1	$(uuid 40)	added
2	$(uuid 41)	added" "a list as JSON"

# -- groups
cat >"$test_dir/groups" <<END
{"group":"Buyers","members":["bob","CAROL@acme.example","$ADA","bob"]}
{"group":"Ghosts","members":["bob","nobody of this name"]}
{"group":"Strangers","members":["mallory"]}
{"group":"Numbers","members":[7]}
{"group":"Empty"}
END
admin groups import "$test_dir/groups"
is "$status|$out|$(head -3 <<<"$err" | cut -c 12-)" "1|1	Buyers	added
5	Empty	added|line 2: members[1]: nobody in the tenant is called \"nobody of this name\"
line 3: members[0]: nobody in the tenant is called \"mallory\"
line 4: members[0]: expected a name, an e-mail address or a UUID" "members by name, address or UUID; who is not there is told by line"
admin groups show buyers
is "$(jq -c .members <<<"$out")" '["Ada L.","bob","carol"]' "each once"
admin groups export
echo "$out" >"$test_dir/groups"
admin groups import "$test_dir/groups"
is "$(cut -f 3 <<<"$out" | uniq)" same "what export writes changes nothing"
echo '{"group":"Buyers","members":["bob"]}' >"$test_dir/less"
admin --quiet groups import --dry-run "$test_dir/less"
is "$out" "1	Buyers	changed	members" "a diff first"
admin groups import "$test_dir/less"
is "$(psql_do "SELECT count(*) FROM nightbell.group_members")" 1 "whom the list leaves out is out"
admin groups delete Empty
is_status 0 "a group goes"
admin groups delete Empty
is_status 3 "once"

# -- deleted people are archived, and an import brings them back
notify bob 'what bob has' >/dev/null
admin users delete bob
is_status 0 "somebody is deleted"
is "$(psql_do "SELECT deleted_at IS NOT NULL FROM nightbell.users WHERE id = '$BOB'")" t "archived: the row stays"
admin users show bob
is_status 3 "and leaves every list"
admin groups show Buyers
is "$(jq -c .members <<<"$out")" '[]' "every group too"
run person bob "$nightbell" inbox list
is_status 4 "the token ends"
admin groups import "$test_dir/less"
is "$status|$(head -1 <<<"$err" | cut -c 12-)" '1|line 1: members[0]: nobody in the tenant is called "bob"' "nobody can be given what is archived"
admin users import "$test_dir/people"
like "$out" "$BOB	changed" "an import brings them back"
run person bob "$nightbell" inbox list
like "$status|$out" '^0\|.*what bob has' "with what they had"
admin groups show Buyers
is "$(jq -c .members <<<"$out")" '["bob"]' "and with their groups"

# -- devices and addresses
cat >"$test_dir/devices" <<END
{"id":"$(uuid 50)","user":"bob","platform":"ios","token":"t1"}
{"id":"$(uuid 51)","user":"bob","platform":"web","token":"{\"endpoint\":\"https://push.example\"}","disabled":true}
{"id":"$(uuid 52)","user":"bob","platform":"ios","token":"t1"}
{"id":"$(uuid 52)","user":"mallory","platform":"ios","token":"t2"}
{"id":"$(uuid 52)","user":"bob","platform":"fax","token":"t2"}
END
admin devices import "$test_dir/devices"
is "$status|$out|$(head -3 <<<"$err" | cut -c 12-)" "1|1	$(uuid 50)	added
2	$(uuid 51)	added|line 3: token: the device $(uuid 50) has it: delete that one first
line 4: user: nobody in the tenant is called \"mallory\"
line 5: platform: expected ios, android or web" "devices"
admin devices export
echo "$out" >"$test_dir/devices"
admin devices import "$test_dir/devices"
is "$(cut -f 3 <<<"$out" | uniq)" same "what export writes changes nothing"
admin devices list
is "$(grep -c 't1\|push.example' <<<"$out")" 0 "a list shows no token"
printf '{"id":"%s","user":"carol","platform":"ios","token":"t1"}\n' "$(uuid 50)" >"$test_dir/moved"
admin devices import "$test_dir/moved"
is "$(psql_do "SELECT u.name FROM nightbell.devices d JOIN nightbell.users u ON u.id = d.user_id WHERE d.id = '$(uuid 50)'")" carol "a device changes hands"
admin devices delete "$(uuid 50)"
is_status 0 "and goes"
printf '%s\n' '{"address":"Bob@Acme.example","reason":"bounced"}' '{"address":"+37120000009"}' '{"address":"nowhere"}' >"$test_dir/addresses"
admin addresses import "$test_dir/addresses"
is "$status|$(head -1 <<<"$err" | cut -c 12-)" '1|line 3: address: expected an e-mail address, a number such as +37120000000 or a URL, at most 320 bytes' "addresses"
is "$(psql_do "SELECT nightbell.address_problem('$ACME', '$BOB', 'email', 'bob@acme.example', NULL)")" address_disabled "nothing is sent there"
admin addresses delete BOB@acme.example
is_status 0 "until it is taken away"
is "$(psql_do "SELECT nightbell.address_problem('$ACME', '$BOB', 'email', 'bob@acme.example', NULL)")" '' "then it is"

# -- hostile strings are stored as they are, shown harmless, and no option or SQL
printf '{"id":"%s","name":"%s"}\n' "$(uuid 60)" "'); DROP TABLE nightbell.users; --" "$(uuid 61)" '--help' "$(uuid 62)" '\u202eevil\ud83d\ude00' "$(uuid 63)" "$BOB" "$(uuid 64)" 'carol@acme.example' >"$test_dir/hostile"
admin users import "$test_dir/hostile"
is "$status|$(cut -f 3 <<<"$out" | uniq -c | tr -s ' ')" '0| 5 added' "hostile names"
admin users list
is "$(grep -c $'\u202e' <<<"$out")" 0 "are shown harmless"
admin users show -- --help
is "$(jq -r .id <<<"$out")" "$(uuid 61)" "none is an option"
admin users delete carol@acme.example
like "$status|$err" '^[12]\|nightbell: "carol@acme.example" may mean several people: Give the UUID' "nobody is deleted for another's name"
admin users delete "$BOB"
like "$status|$err" 'may mean several people' "nor for another's UUID"
printf '{"group":"\u202e%%s","members":["%s"]}\n' "$(uuid 64)" >"$test_dir/hostile"
admin groups import "$test_dir/hostile"
admin groups export
is "$(jq -c 'select(.group != "Buyers") | .members' <<<"$out")" "[\"$(uuid 64)\"]" "a name that looks like an address is exported as the UUID"

# -- ten thousand people in seconds, and again
seq 1 10000 | awk '{printf "{\"id\":\"10000000-0000-4000-9000-%012d\",\"name\":\"person %d\",\"email\":\"p%d@many.example\",\"time_zone\":\"Asia/Tokyo\",\"roles\":[\"user\"]}\n", $1, $1, $1}' >"$test_dir/many"
started=$SECONDS
admin --quiet users import "$test_dir/many"
is "$status|$(psql_do "SELECT count(*) FROM nightbell.users WHERE email LIKE '%@many.example'")" '0|10000' "ten thousand people"
took=$((SECONDS - started))
diag "10,000 people: $took s"
ok "in seconds" test "$took" -lt 60
admin --quiet users import --dry-run "$test_dir/many"
is "$(cut -f 3 <<<"$out" | sort | uniq -c | tr -s ' ')" ' 10000 same' "again: nothing changes"
seq 1 10000 | sed 's/.*/"person &"/' | paste -sd, | sed 's/.*/{"group":"everybody","members":[&]}/' >"$test_dir/crowd"
admin groups import "$test_dir/crowd"
is "$status|$out" "0|1	everybody	added" "a group of ten thousand"

# -- rights: an administrator of a tenant, by token
make_admin() { # NAME TENANT: a token with the role admin of that tenant
    perl -MDigest::SHA=hmac_sha256_base64 -MMIME::Base64 -e '
        my $t = join ".", map { my $t = encode_base64($_, ""); $t =~ tr|+/=|-_|d; $t } q({"alg":"HS256","kid":"tests"}),
            sprintf(q({"sub":"%s","tenant":"%s","roles":["user","admin"],"aud":"nightbell","exp":%d}), @ARGV, time + 600);
        my $s = hmac_sha256_base64($t, "a secret of the tests, 32 bytes or more"); $s =~ tr|+/|-_|; print "$t.$s"' "$1" "$2"
}
umask 077
make_admin "$CAROL" "$ACME" >"$test_dir/carol.token"
make_admin "$MALLORY" "$GLOBEX" >"$test_dir/mallory.token"
by() { local who=$1; shift; run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$test_dir/$who.token" "$nightbell" "$@"; }
one() { printf '{"id":"%s","name":"%s","roles":[%s]}\n' "$1" "$2" "$3" >"$test_dir/one"; }
one "$(uuid 70)" Ned '"user"'
by carol users import "$test_dir/one"
is "$status|$out" "0|1	$(uuid 70)	added" "an administrator of the tenant brings people"
is "$(psql_do "SELECT tenant_id FROM nightbell.users WHERE id = '$(uuid 70)'")" "$ACME" "into that tenant"
by carol --tenant globex users list
is_status 4 "sees nobody of another"
by carol --tenant globex users import "$test_dir/one"
is_status 4 "brings nobody there"
by mallory users import "$test_dir/one"
like "$status|$err" '^1\|nightbell: line 1: id: only an administrator of the installation may bring somebody with this UUID here' "and nobody takes a UUID of another tenant"
by mallory --tenant acme users delete Ned
is_status 4 "nor deletes there"
by mallory users delete Ned
is_status 3 "whom one's own tenant has not is not there"
run person bob "$nightbell" users list
is_status 4 "an operator is no administrator"
psql_do "INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id, is_global) VALUES ('olga_login', '$ACME', '$OLGA', true)"
one "$OLGA" olga '"user","operator","admin","producer"'
by carol users import "$test_dir/one"
like "$status|$err" '^1\|nightbell: line 1: id: this person acts in every tenant: only an administrator of the installation may change them' "nobody makes more of somebody who acts in every tenant"
by carol users delete olga
is_status 4 "nor deletes them"
psql_do "DELETE FROM nightbell.role_identities WHERE role_name = 'olga_login'"
run person olga "$nightbell" whoami
by carol users import "$test_dir/one"
like "$status|$err" 'acts in every tenant' "whether by login or by token"
admin users import "$test_dir/one"
is_status 0 "the installation's administrator does"
one "$(uuid 70)" Ned '"user","operator"'
by carol users import "$test_dir/one"
is "$status|$out" "0|1	$(uuid 70)	changed" "others of the tenant are changed"
done_testing
