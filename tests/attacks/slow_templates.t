#!/bin/bash
# A tenant's templates that take minutes to render for its thousand readers: the server would end the worker's session, and every
# worker would begin with them again. What is too long is given up and says so, and the other tenant is told.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
engine_start
day=$(date -u -d tomorrow +%F)
at() { export PGOPTIONS="-c nightbell.clock=${day}T$1Z"; }
worker_once() { run timeout 300 "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_1" worker --name working_1 --once; }
# import KIND TENANT, and the document from standard input: it is longer than a program's argument may be
import() { "$pg_bin/psql" -XqAt <<<"SELECT message FROM nightbell.import_$1('$2', ARRAY[\$hostile\$$(cat)\$hostile\$])"; }
rule() { import rules "$1" <<<"{\"rule_id\": \"r\", \"event_type\": \"news\", \"recipient_type\": \"group\", \"recipient_value\": \"readers\", \"notification_type\": \"TEST_SLOW\", \"channel\": [\"email\"]$2}"; }
# 186,000 steps for each of three texts, for each reader alone
slow() {
    perl -e 'my ($code, $list, $end) = @ARGV; my $text = "{{user.name}}$list" . ("{{a.b}}" x 9200) . $end;
        print qq({"template_code": "$code", "texts": [{"channel": "*", "subject": "$text", "body_template": "$text", "html_template": "$text"}]})' "$@"
}

at 10:59:00
psql_do "INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_SLOW', 'm', 'd');
    INSERT INTO nightbell.users (tenant_id, id, name, email) SELECT '$GLOBEX', gen_random_uuid(), 'reader ' || n, 'r' || n || '@globex.example' FROM generate_series(1, 1000) AS n;
    INSERT INTO nightbell.groups (tenant_id, id, name) SELECT t, gen_random_uuid(), 'readers' FROM unnest('{$GLOBEX,$ACME}'::uuid[]) AS t;
    INSERT INTO nightbell.group_members SELECT g.tenant_id, g.id, u.id FROM nightbell.groups g JOIN nightbell.users u ON u.tenant_id = g.tenant_id
        WHERE g.name = 'readers' AND (u.name LIKE 'reader %' OR u.name = 'ada')" >/dev/null
is "$(slow slow '{{#i}}' '{{/i}}' | import templates "$GLOBEX")$(rule "$GLOBEX" ', "template_code": "slow"')$(rule "$ACME" '')" '' 'templates and rules'
psql_do "SELECT nightbell.publish(t, 'news', 'm', jsonb_build_object('i', (SELECT jsonb_agg(i) FROM generate_series(1, 20) AS i)))
    FROM unnest('{$GLOBEX,$ACME}'::uuid[]) AS t" >/dev/null
worker_once
is_status 0 'the worker comes to an end'
like "$err" 'chunk=2 failed="the texts take longer than 30 seconds to render" then=one-by-one' 'and takes them one by one'
is "$(psql_do "SELECT count(*), count(processed_at), sum(attempts) FROM nightbell.outbox WHERE event_type = 'news'")" '2|2|0' 'both app events are done'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE tenant_id = '$ACME'")" 1 'the other tenant is told'
is "$(psql_do "SELECT string_agg(DISTINCT d.code, ' ' ORDER BY d.code), count(*) FILTER (WHERE d.code <> 'queued' AND d.detail ->> 'problem' LIKE '%longer than 30 seconds%') > 0, count(*)
    FROM nightbell.decisions d WHERE d.tenant_id = '$GLOBEX' AND d.channel = 'email'")" 'no_template queued|t|1000' 'and the slow one as far as it came; the rest says why not'

psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.decisions;
    INSERT INTO nightbell.user_settings (tenant_id, user_id, digest) SELECT m.tenant_id, m.user_id, 'hourly' FROM nightbell.group_members m JOIN nightbell.groups g ON g.id = m.group_id WHERE g.name = 'readers'" >/dev/null
is "$(rule "$GLOBEX" '')$(slow digest '{{#groups}}{{#items}}' '{{/items}}{{/groups}}' | import templates "$GLOBEX")" '' 'a digest as slow'
psql_do "SELECT nightbell.publish(t, 'news', 'm', jsonb_build_object('n', n)) FROM unnest('{$GLOBEX,$ACME}'::uuid[]) AS t, generate_series(1, 10) AS n" >/dev/null
worker_once
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE status = 'held'")" 10010 'what waits for it'
at 11:00:00
while [ "$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE status = 'held'")" -gt 0 ]; do
    worker_once
    [ "$status" = 0 ] || break
done
like "$err" 'digest=built-in reason="the templates take too long to render"' 'the worker says that it took too long'
is "$(psql_do "SELECT count(*), count(DISTINCT user_id), count(*) FILTER (WHERE body LIKE '- %' OR body LIKE '%(10)%') BETWEEN 2 AND 1000
    FROM nightbell.deliveries WHERE type = 'DIGEST'")" '1001|1001|t' 'everybody has a digest, some of them the built-in one'
done_testing
