#!/bin/bash
# `nightbell worker` makes digests: with the tenant's template in the person's language, or the text that is built in; each held
# delivery once, however many workers there are and whichever of them is killed.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
work() { "$builddir/nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once "$@"; }
# hold WHERE-of-users TITLE CHANNEL: a delivery for each that is due now
hold() {
    psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, subject, body, status, held_for, held_slot)
        SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'TEST_NOTE', '$3', '$2 ' || n, 'body', 'held', 'held_for_digest', date_trunc('minute', now())
        FROM nightbell.users u CROSS JOIN generate_series(1, ${4:-2}) AS n WHERE $1"
}
digest_of() { psql_do "SELECT concat_ws(' / ', d.subject, d.body, d.html, d.locale, d.template_code) FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id
    WHERE u.name = '$1' AND d.type = 'DIGEST' AND d.status = 'queued' AND d.channel = '$2'"; }
forget() { psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.digest_slots; DELETE FROM nightbell.decisions"; }

# -- the text that is built in
hold "u.name = 'ada'" note email
hold "u.name = 'ada'" note sms
hold "u.name = 'bob'" alone push 1
run work
is_status 0 'a worker with digests to make'
like "$err" 'duty=digests did=3' 'says how many people and channels it was for'
is "$(digest_of ada email)" '2 notifications / Of the tests (2)
- note 1
- note 2' 'without a template there is a text that is built in'
is "$(digest_of ada sms)" '2 notifications: Of the tests (2)' 'on a small screen one line'
is "$(psql_do "SELECT subject, status FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = 'bob'")" 'alone 1|queued' 'one alone is sent as itself'

# -- the tenant's template
forget
psql_do "UPDATE nightbell.users SET locale = 'de' WHERE name = 'bob';
    SELECT count(*) FROM nightbell.import_templates('$ACME', ARRAY['{\"template_code\": \"digest\", \"texts\": [
        {\"channel\": \"email\", \"subject\": \"{{count}} for {{user.name}}\", \"body_template\": \"{{#groups}}{{title}}: {{count}}{{#items}} {{title}}{{/items}}{{/groups}}\", \"html_template\": \"<p>{{count}}</p>\"},
        {\"channel\": \"email\", \"locale\": \"de\", \"subject\": \"{{count}} Nachrichten\", \"body_template\": \"{{#groups}}{{title}}: {{count}}{{/groups}}\"},
        {\"channel\": \"sms\", \"body_template\": \"{{#groups}}\"}]}'])" >/dev/null
hold "u.name IN ('ada', 'bob', 'carol')" note email
hold "u.name = 'ada'" note sms
psql_do "INSERT INTO nightbell.user_settings (tenant_id, user_id, locale) SELECT tenant_id, id, 'de-AT' FROM nightbell.users WHERE name = 'carol'"
run work
is "$(digest_of ada email)" '2 for ada / Of the tests: 2 note 1 note 2 / <p>2</p> / default / digest' 'the template says what a digest looks like'
is "$(digest_of bob email)" '2 Nachrichten / Of the tests: 2 / de / digest' 'in the language that is known of the person'
is "$(digest_of carol email)" '2 Nachrichten / Of the tests: 2 / de / digest' 'or that the person has chosen'
is "$(digest_of ada sms)" '2 notifications: Of the tests (2) / digest' 'a template that cannot be rendered keeps nobody from a digest'
like "$err" 'digest=built-in reason=.*digest' 'and the log tells of it'

# -- several workers, one of them killed again and again
forget
psql_do "INSERT INTO nightbell.users (tenant_id, id, name, email) SELECT '$ACME', gen_random_uuid(), 'person ' || n, n || '@acme.example' FROM generate_series(1, 3000) AS n" >/dev/null
hold "u.name LIKE 'person %'" note email 3
for n in 1 2 3; do work >/dev/null 2>"$test_dir/worker.$n" & pids[n]=$!; done
some_done() { [ "$(psql_do "SELECT count(*) > 0 FROM nightbell.deliveries WHERE type = 'DIGEST'")" = t ]; }
wait_for 60 some_done
kill -9 "${pids[1]}" 2>/dev/null
for n in 1 2 3; do wait "${pids[n]}" 2>/dev/null; done
all_done() { # the transaction of a killed worker ends with its session
    work >/dev/null 2>&1
    [ "$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE status = 'held'")" = 0 ]
}
wait_for 60 all_done
is "$(psql_do "SELECT count(*), count(DISTINCT user_id), min(subject) FROM nightbell.deliveries WHERE type = 'DIGEST' AND status = 'queued'")" '3000|3000|3 for person 1' 'each has one'
is "$(psql_do "SELECT count(*), count(DISTINCT d.id) FROM nightbell.deliveries d JOIN nightbell.deliveries g ON g.id = d.digest_id AND g.user_id = d.user_id WHERE d.status = 'digested'")" \
    '9000|9000' 'with all that was held'
is "$(psql_do "SELECT code, count(*) FROM nightbell.decisions GROUP BY code ORDER BY code")" 'digested|9000
queued|3000' 'and each was decided once'
done_testing
