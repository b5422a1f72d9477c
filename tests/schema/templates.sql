-- Templates: what import takes and refuses, versions, locales and channels, who may read and write them.
BEGIN;
SELECT plan(72);
\ir everybody.psql
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
CREATE FUNCTION pg_temp.import(document text) RETURNS text LANGUAGE sql
AS $$ SELECT coalesce(change, sqlstate || ' ' || message) FROM nightbell.import_templates('00000000-0000-4000-8000-00000000acee', ARRAY[document]) $$;

-- one template
SELECT is(pg_temp.import('{"template_code": "po_approved", "description": "An order was approved",
    "variables": [{"name": "po.amount", "type": "number", "required": true}, {"name": "note", "default": "none"}],
    "texts": [{"channel": "email", "subject": "Approved", "body_template": "{{po.amount}}", "html_template": "<b>{{po.amount}}</b>", "cc": ["a@b.example"]},
              {"channel": "email", "locale": "pt_br", "body_template": "pt {{po.amount}}"},
              {"channel": "*", "locale": "default", "body_template": "any {{po.amount}}"}]}'), 'added', 'a template is added');
SELECT is((SELECT array_agg(row_to_json(d)::text) FROM nightbell.template_documents(:'ACME', 'nothing') AS d), NULL, 'one that is not there has no document');
SELECT is((SELECT document::jsonb FROM nightbell.template_documents(:'ACME', 'po_approved')),
    '{"template_code": "po_approved", "description": "An order was approved",
      "variables": [{"name": "po.amount", "type": "number", "required": true}, {"name": "note", "type": "string", "default": "none", "required": false}],
      "texts": [{"channel": "*", "locale": "default", "subject": null, "body_template": "any {{po.amount}}", "html_template": null, "cc": [], "bcc": []},
                {"channel": "email", "locale": "default", "subject": "Approved", "body_template": "{{po.amount}}", "html_template": "<b>{{po.amount}}</b>", "cc": ["a@b.example"], "bcc": []},
                {"channel": "email", "locale": "pt-BR", "subject": null, "body_template": "pt {{po.amount}}", "html_template": null, "cc": [], "bcc": []}]}'::jsonb,
    'its document has everything, defaults too');
SELECT is(pg_temp.import(document), 'same', 'which imports as the same') FROM nightbell.template_documents(:'ACME', 'po_approved');
SELECT is((SELECT array_agg(version || is_active::text) FROM nightbell.templates), '{1true}', 'and makes no version');

-- versions
SELECT is(pg_temp.import('{"template_code": "po_approved", "texts": [{"channel": "email", "body_template": "two"}]}'), 'changed', 'another text changes it');
SELECT is((SELECT array_agg(version || is_active::text ORDER BY version) FROM nightbell.templates), '{1false,2true}', 'and makes a version');
SELECT is((SELECT document::jsonb #>> '{texts,0,body_template}' FROM nightbell.template_documents(:'ACME', 'po_approved')), 'two', 'which is the document now');
SELECT is((SELECT document::jsonb #>> '{texts,0,body_template}' FROM nightbell.template_documents(:'ACME', 'po_approved', 1)), 'any {{po.amount}}', 'the old one can be asked for');
SELECT is(pg_temp.import(document), 'changed', 'and imported again') FROM nightbell.template_documents(:'ACME', 'po_approved', 1);
SELECT is((SELECT version FROM nightbell.template_versions(:'ACME', '{po_approved,nothing}')), 3, 'as a version of its own');
SELECT is(count(DISTINCT pg_temp.import(format('{"template_code": "po_approved", "texts": [{"channel": "email", "body_template": "%s"}]}', n))), 1::bigint, 'many changes')
FROM generate_series(1, 12) AS n;
SELECT is((SELECT array_agg(version ORDER BY version) FROM nightbell.templates), '{6,7,8,9,10,11,12,13,14,15}', 'the last ten versions are kept');
SELECT is((SELECT count(*) FROM nightbell.template_texts), 10::bigint, 'with their texts');

-- which texts a channel has
SELECT is(pg_temp.import('{"template_code": "greeting", "texts": [{"channel": "*", "body_template": "any"}, {"channel": "*", "locale": "de", "body_template": "alle"},
    {"channel": "sms", "locale": "de", "body_template": "sms"}]}'), 'added', 'a template for all channels and one');
SELECT is((SELECT array_agg(locale || ' ' || body_template) FROM nightbell.template_texts_for(:'ACME', 'greeting', 'email')), '{"de alle","default any"}', 'a channel without texts has those of *');
SELECT is((SELECT array_agg(locale || ' ' || body_template) FROM nightbell.template_texts_for(:'ACME', 'greeting', 'sms')), '{"de sms"}', 'one with texts has its own');
SELECT is((SELECT array_agg(coalesce(locale, 'none')) FROM nightbell.template_texts_for(:'ACME', 'po_approved', 'sms')), '{none}', 'a template without a text for the channel is there');
SELECT is_empty(format('SELECT * FROM nightbell.template_texts_for(%L, ''nothing'', ''sms'')', :'ACME'), 'and one that is not there is not');

-- locales
SELECT is(nightbell.template_locale(given), expected, given || ' is ' || expected)
FROM (VALUES ('default', 'default'), ('DE', 'de'), ('pt_br', 'pt-BR'), ('zh-hant-tw', 'zh-Hant-TW'), ('es-419', 'es-419'), ('ca-VALENCIA', 'ca-valencia')) AS v (given, expected);

-- what is refused, with its place
SELECT is(pg_temp.import(document), expected, expected) FROM (VALUES
    ('[]', '22023 the item is not a JSON object'),
    ('{', '22P02 the item is no JSON that PostgreSQL takes'),
    ('{}', '22023 template_code: expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first'),
    ('{"template_code": "a b"}', '22023 template_code: expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first'),
    ('{"template_code": "a"}', '22023 texts: expected a list of 1 to 500 texts'),
    ('{"template_code": "a", "texts": []}', '22023 texts: expected a list of 1 to 500 texts'),
    ('{"template_code": "a", "description": ""}', '22023 description: expected a string of 1 to 1000 characters'),
    ('{"template_code": "a", "variables": {}}', '22023 variables: expected a list of at most 500 variables'),
    ('{"template_code": "a", "frob": 1, "texts": [{"channel": "sms", "body_template": ""}]}', '22023 unknown member "frob"')) AS v (document, expected);
SELECT is(pg_temp.import(format('{"template_code": "a", "texts": [{"channel": "sms", "body_template": ""}, %s]}', text)), '22023 texts[1]' || expected, 'texts[1]' || expected) FROM (VALUES
    ('1', ': expected an object'),
    ('{}', '.channel: expected in_app, email, push, sms or webhook, or * for every other one'),
    ('{"channel": "fax"}', '.channel: expected in_app, email, push, sms or webhook, or * for every other one'),
    ('{"channel": "email", "locale": "german!"}', '.locale: expected default, or a language such as de or pt-BR'),
    ('{"channel": "email"}', '.body_template: expected a string'),
    ('{"channel": "email", "body_template": "", "subject": "a\nb"}', '.subject: expected one line, without control characters'),
    ('{"channel": "email", "body_template": "", "subject": 1}', '.subject: expected a string'),
    ('{"channel": "sms", "body_template": "", "html_template": "x"}', '.html_template: only email has HTML'),
    ('{"channel": "sms", "body_template": "", "cc": ["x"]}', '.cc: only email has it'),
    ('{"channel": "email", "body_template": "", "cc": "x"}', '.cc: expected a list of at most 50 addresses'),
    ('{"channel": "email", "body_template": "", "bcc": ["a\nb"]}', '.bcc: expected strings of 1 to 1000 characters, none of them a control character'),
    ('{"channel": "email", "body_template": "", "bcc": [1]}', '.bcc: expected strings of 1 to 1000 characters, none of them a control character'),
    ('{"channel": "email", "body_template": "", "x": 1}', ': unknown member "x"'),
    ('{"channel": "sms", "locale": "default", "body_template": ""}', ': channel and locale stand twice')) AS v (text, expected);
SELECT is(pg_temp.import(format('{"template_code": "a", "texts": [{"channel": "sms", "body_template": "%s"}]}', repeat('x', 65537))),
    '22023 texts[0].body_template: it has 65537 bytes; at most 65536 are allowed', 'a text that is too long');
SELECT is(pg_temp.import(format('{"template_code": "a", "texts": [{"channel": "sms", "body_template": ""}], "variables": [{"name": "ok"}, %s]}', variable)), '22023 variables[1]' || expected, 'variables[1]' || expected) FROM (VALUES
    ('"x"', ': expected an object'),
    ('{}', '.name: expected a name such as po.amount, of at most 200 characters'),
    ('{"name": "a..b"}', '.name: expected a name such as po.amount, of at most 200 characters'),
    ('{"name": "a", "type": "date"}', '.type: expected string, number, boolean, list or object'),
    ('{"name": "a", "required": "yes"}', '.required: expected true or false'),
    ('{"name": "a", "type": "number", "default": "1"}', '.default: expected a value of the type number'),
    ('{"name": "a", "default": 1}', '.default: expected a value of the type string'),
    ('{"name": "a", "frob": 1}', ': unknown member "frob"'),
    ('{"name": "ok"}', '.name: ok is declared twice')) AS v (variable, expected);
SELECT is((SELECT count(*) FROM nightbell.templates WHERE template_code = 'a'), 0::bigint, 'nothing of them is stored');
SELECT is((SELECT array_agg(coalesce(change, 'refused')) FROM nightbell.import_templates(:'ACME',
    ARRAY['{}', '{"template_code": "a", "variables": [{"name": "l", "type": "list", "default": []}], "texts": [{"channel": "sms", "body_template": ""}]}'])),
    '{refused,added}', 'a bad one keeps no other out');

-- who may
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT throws_ok(format($$SELECT * FROM nightbell.import_templates(%L, '{}')$$, :'ACME'), '42501', 'this needs an administrator of the tenant', 'an operator imports none');
SELECT throws_ok(format($$SELECT * FROM nightbell.template_documents(%L)$$, :'ACME'), '42501', 'this needs an administrator of the tenant', 'nor reads them');
SELECT throws_ok(format($$SELECT nightbell.delete_template(%L, 'a')$$, :'ACME'), '42501', 'this needs an administrator of the tenant', 'nor deletes one');
SELECT throws_ok(format($$SELECT * FROM nightbell.template_texts_for(%L, 'a', 'sms')$$, :'ACME'), '42501', 'this needs an administrator of the tenant', 'nor takes texts to render');
SELECT throws_ok(format($$SELECT * FROM nightbell.template_preview(%L, '{}', 'ada')$$, :'ACME'), '42501', 'this needs an administrator of the tenant', 'nor previews');
SELECT throws_ok('SELECT * FROM nightbell.template_texts', '42501', NULL, 'nor reads the table');
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT is(pg_temp.import('{"template_code": "olga", "texts": [{"channel": "sms", "body_template": ""}]}'), 'added', 'a token with the role admin imports');
SELECT is((SELECT recipient::jsonb ->> 'email' FROM nightbell.template_preview(:'ACME', '{}', 'ADA')), 'ada@acme.example', 'and finds a person for a preview');
SELECT is(nightbell.delete_template(:'ACME', 'olga'), true, 'and deletes');
SELECT is(nightbell.delete_template(:'ACME', 'olga'), false, 'what is not there is not deleted');
RESET SESSION AUTHORIZATION;
CREATE ROLE a_worker LOGIN IN ROLE nightbell_worker;
SET SESSION AUTHORIZATION a_worker;
SELECT is((SELECT count(*) FROM nightbell.template_texts_for(:'ACME', 'a', 'sms')), 1::bigint, 'the worker takes texts to render');
SELECT throws_ok(format($$SELECT * FROM nightbell.import_templates(%L, '{}')$$, :'ACME'), '42501', NULL, 'but imports none');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
