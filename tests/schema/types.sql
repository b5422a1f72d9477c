-- Types and their data: what a schema may say when a type is registered, what is said of data that does not fit, and who writes
-- the table. Validation itself is tested with the published suite: json_schema.t.
BEGIN;
SELECT plan(103);
\ir everybody.psql
CREATE FUNCTION pg_temp.problem(schema text, data text) RETURNS text LANGUAGE sql
AS $$ SELECT nightbell.data_problem('T', schema::jsonb, data::jsonb) $$;

-- the words: type, path, expectation
SELECT is(pg_temp.problem('{"type": "object"}', '{"any": 1}'), NULL, 'what fits has no problem');
SELECT is(pg_temp.problem('{"required": ["a"]}', NULL), 'data of T at $.a: expected a value, and it is missing', 'data that is left out is an empty object');
SELECT is(pg_temp.problem('{"required": ["a"], "properties": {"a": {"type": ["integer", "null"]}}}', '{}'),
          'data of T at $.a: expected an integer or null, and it is missing', 'what is missing is described');
SELECT is(pg_temp.problem(schema, data), 'data of T at ' || expected, expected) FROM (VALUES
    ('{"type": "array"}', '{}', '$: expected an array, found an object'),
    ('{"properties": {"a": {"type": "integer"}}}', '{"a": 1.5}', '$.a: expected an integer, found a fraction'),
    ('{"properties": {"a": {"type": "string"}}}', '{"a": true}', '$.a: expected a string, found true'),
    ('{"properties": {"a": {"items": {"properties": {"b": {"minimum": 0}}}}}}', '{"a": [{"b": 0}, {"b": -1}]}', '$.a[1].b: expected 0 or more'),
    ('{"properties": {"a": {"exclusiveMaximum": 10.5}}}', '{"a": 10.5}', '$.a: expected less than 10.5'),
    ('{"properties": {"a": {"exclusiveMinimum": 1}}}', '{"a": 1}', '$.a: expected more than 1'),
    ('{"properties": {"a": {"maximum": 1e3}}}', '{"a": 1e400}', '$.a: expected 1000 or less'),
    ('{"properties": {"a": {"multipleOf": 0.01}}}', '{"a": 19.999}', '$.a: expected a multiple of 0.01'),
    ('{"properties": {"a": {"minLength": 1}}}', '{"a": ""}', '$.a: expected 1 character or more'),
    ('{"properties": {"a": {"maxLength": 2}}}', '{"a": "äöü"}', '$.a: expected 2 characters or fewer'),
    ('{"properties": {"a": {"pattern": "^[A-Z]{3}$"}}}', '{"a": "eur"}', '$.a: expected a match of the pattern ^[A-Z]{3}$'),
    ('{"properties": {"a": {"format": "uuid"}}}', '{"a": "7"}', '$.a: expected a UUID'),
    ('{"properties": {"a": {"format": "date-time"}}}', '{"a": "2026-02-29T00:00:00Z"}', '$.a: expected a time such as 2026-12-31T23:59:59Z'),
    ('{"properties": {"a": {"format": "date"}}}', '{"a": "2026-02-29"}', '$.a: expected a date such as 2026-12-31'),
    ('{"properties": {"a": {"format": "uri"}}}', '{"a": "/x"}', '$.a: expected a URI such as https://example.org/'),
    ('{"properties": {"a": {"format": "email"}}}', '{"a": "x"}', '$.a: expected an email address'),
    ('{"properties": {"a": {"enum": ["low", [1], null]}}}', '{"a": "high"}', '$.a: expected one of "low", [1], null'),
    ('{"properties": {"a": {"const": {"b": 1}}}}', '{"a": {}}', '$.a: expected {"b": 1}'),
    ('{"properties": {"a": {"minItems": 2}}}', '{"a": [1]}', '$.a: expected 2 items or more'),
    ('{"properties": {"a": {"maxItems": 0}}}', '{"a": [1]}', '$.a: expected 0 items or fewer'),
    ('{"properties": {"a": {"uniqueItems": true}}}', '{"a": [1, 1.0]}', '$.a: expected items of which no two are equal'),
    ('{"properties": {"a": false}}', '{"a": null}', '$.a: expected nothing here'),
    ('{"additionalProperties": false}', '{"a": 1}', '$.a: expected no member of this name'),
    ('{"additionalProperties": {"type": "string"}}', '{"a": 1}', '$.a: expected a string, found a number'),
    ('{"allOf": [{}, {"required": ["b"]}]}', '{"a": 1}', '$.b: expected a value, and it is missing'),
    ('{"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}', '{}', '$: expected what fits one of the 2 alternatives of anyOf'),
    ('{"oneOf": [{}, {}, false]}', '{}', '$: expected what fits exactly one of the 3 alternatives of oneOf, and 2 fit'),
    ('{"not": {}}', '{}', '$: expected what "not" does not describe')) AS v (schema, data, expected);

-- numbers and texts as PostgreSQL has them: exact, and counted in characters
SELECT is(pg_temp.problem('{"properties": {"a": {"type": "integer", "multipleOf": 1e-3}}}', '{"a": 1e300}'), NULL, 'a whole number may be large');
SELECT is(pg_temp.problem('{"properties": {"a": {"const": 1}}}', '{"a": 1.000}'), NULL, '1.000 is 1');
SELECT is(pg_temp.problem('{"properties": {"a": {"multipleOf": 0.1}}}', '{"a": 0.3}'), NULL, 'decimals are exact');
SELECT is(pg_temp.problem('{"properties": {"a": {"maxLength": 1}}}', '{"a": "\ud83d\udc32"}'), NULL, 'a character is a code point');

-- hostile data: names are made harmless and short, contents are never repeated
SELECT is(pg_temp.problem('{"additionalProperties": false}', '{"\u001b[31m\u202e\"x": 1}'), 'data of T at $["\u001b[31m\u202e''x"]: expected no member of this name',
          'a hostile name is made harmless');
SELECT is(length(pg_temp.problem('{"additionalProperties": false}', jsonb_build_object(repeat(U&'\+01F600', 3000), 1)::text)), 324, 'a long one short');
SELECT unalike(pg_temp.problem('{"additionalProperties": {"type": "number"}}', '{"a": "secret of ada"}'), '%secret%', 'contents are not told');
SELECT cmp_ok(length(pg_temp.problem((SELECT replace(repeat('{"properties": {"x": ', 14) || '{"type": "null"}' || repeat('}}', 14), '"x"', to_jsonb(repeat('long ', 20))::text)),
    (SELECT replace(repeat('{"x": ', 14) || '1' || repeat('}', 14), '"x"', to_jsonb(repeat('long ', 20))::text)))), '<', 500, 'a deep path loses its middle');
SELECT cmp_ok(length(pg_temp.problem(jsonb_build_object('properties', jsonb_build_object('a', jsonb_build_object('enum', jsonb_build_array(repeat('x', 9000)))))::text,
    '{"a": 1}')), '<', 250, 'a long list of values is cut');

-- what is refused when a type is registered, with the place
CREATE FUNCTION pg_temp.registered(schema text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO nightbell.notification_types (type, module, description, data_schema) VALUES ('T_NEW', 'm', 'd', schema::jsonb);
    DELETE FROM nightbell.notification_types WHERE type = 'T_NEW';
    RETURN NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.registered(schema), 'data_schema of T_NEW at $' || expected, expected) FROM (VALUES
    ('{"$ref": "#"}', ': unknown keyword "$ref"'),
    ('{"properties": {"a": {"minimun": 1}}}', '.properties.a: unknown keyword "minimun"'),
    ('{"allOf": [{}, {"items": {"patternProperties": {}}}]}', '.allOf[1].items: unknown keyword "patternProperties"'),
    ('{"\u0007\ud83d\udc32": 1}', ': unknown keyword "\u0007\u{1f432}"'),
    ('{"type": "str"}', '.type: expected one of string, number, integer, boolean, object, array, null, or a list of them'),
    ('{"type": ["object", "object"]}', '.type: expected one of string, number, integer, boolean, object, array, null, or a list of them'),
    ('{"type": []}', '.type: expected one of string, number, integer, boolean, object, array, null, or a list of them'),
    ('{"type": "string"}', '.type: expected object, which data always is'),
    ('{"required": "a"}', '.required: expected a list of strings, each once'),
    ('{"required": ["a", "a"]}', '.required: expected a list of strings, each once'),
    ('{"required": [1]}', '.required: expected a list of strings, each once'),
    ('{"properties": []}', '.properties: expected an object of schemas'),
    ('{"properties": {"a": 1}}', '.properties.a: expected a schema: an object, true or false'),
    ('{"additionalProperties": "no"}', '.additionalProperties: expected a schema: an object, true or false'),
    ('{"items": [{}]}', '.items: expected a schema: an object, true or false'),
    ('{"anyOf": []}', '.anyOf: expected a list of schemas'),
    ('{"oneOf": {}}', '.oneOf: expected a list of schemas'),
    ('{"enum": []}', '.enum: expected a list with one value or more'),
    ('{"minimum": "0"}', '.minimum: expected a number'),
    ('{"multipleOf": 0}', '.multipleOf: expected a number above 0'),
    ('{"minLength": -1}', '.minLength: expected a whole number from 0 to 1000000000'),
    ('{"maxItems": 1.5}', '.maxItems: expected a whole number from 0 to 1000000000'),
    ('{"uniqueItems": 1}', '.uniqueItems: expected true or false'),
    ('{"format": "ipv4"}', '.format: expected one of date, date-time, email, uri, uuid'),
    ('{"$schema": "http://json-schema.org/draft-07/schema#"}', '.$schema: expected "https://json-schema.org/draft/2020-12/schema"'),
    ('{"title": 1}', '.title: expected a string'),
    ('{"pattern": 1}', '.pattern: expected a string'),
    ('{"pattern": "a("}', '.pattern: the pattern cannot be used: invalid regular expression: parentheses () not balanced'),
    ('{"pattern": "\\p{L}"}', '.pattern: the pattern has "\p", which is not supported'),
    ('{"pattern": "(a)\\1"}', '.pattern: the pattern has "\1", which is not supported'),
    ('{"pattern": "(?i)a"}', '.pattern: the pattern has "(?", which begins nothing that ECMA 262 knows'),
    ('{"pattern": "a{256}"}', '.pattern: the pattern has the repetition {256}; at most 255 are supported'),
    ('{"pattern": "***:a"}', '.pattern: the pattern has nothing to repeat before *'),
    ('{"pattern": "[]"}', '.pattern: the pattern has an empty "[]", which nothing matches'),
    ('{"pattern": "[a"}', '.pattern: the pattern has a "[" that is not closed'),
    ('{"pattern": "' || repeat('a', 1001) || '"}', '.pattern: the pattern has more than 1000 characters'),
    ('{"title": "' || repeat('a', 33000) || '"}', ': it has more than 32768 bytes')) AS v (schema, expected);
SELECT alike(pg_temp.registered(repeat('{"not": ', 16) || '{}' || repeat('}', 16)), '%: schemas are nested more than 16 deep', 'depth is bounded');
SELECT alike(pg_temp.registered('{"pattern": "((a{1,255}){1,255}){1,255}"}'), '%the pattern stands for more than 2000 characters when its repetitions are written out',
             'and the size of what a pattern means');
SELECT is(nightbell.pattern_weight(p), w::numeric, p) FROM (VALUES ('^[A-Z]{3}$', 3), ('(?:ab{2,5}){3}', 18), ('(?:(?:a|b)*c){255}', 765), ('\U0000002f\[{4}[\]}]', 6)) AS v (p, w);
SELECT is(pg_temp.registered('{"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "c", "title": "t", "description": "d", "default": {}, "examples": [1],
    "deprecated": true, "readOnly": false, "writeOnly": false}'), NULL, 'annotations are taken');
SELECT throws_ok($$UPDATE nightbell.notification_types SET data_schema = '{"frob": 1}' WHERE type = 'DIGEST'$$, '22023', NULL, 'a change is looked at too');

-- what the guard makes of it cannot be set by hand
UPDATE nightbell.notification_types SET data_accepts = 'true', data_accepts_size = 1 WHERE type = 'BOOKING_CREATED';
SELECT is((SELECT '{}' @@ data_accepts FROM nightbell.notification_types WHERE type = 'BOOKING_CREATED'), NULL, 'the fast check is the schema''s');
SELECT is_empty($$SELECT type FROM nightbell.notification_types WHERE data_accepts IS NULL$$, 'the whole catalogue has one');

SELECT is((SELECT data_accepts_size FROM nightbell.notification_types WHERE type = 'BOOKING_CREATED'), 200, 'texts up to this size need not be counted');
SELECT is(nightbell.texts_within('{"a": "12345", "b": ["x", {"c": "12345"}]}', 5), true, 'texts are within');
SELECT is(nightbell.texts_within('{"a": "1234", "b": ["x", {"c": "12345"}]}', 4), false, 'one is not');
SELECT is(nightbell.texts_within('{"a": "äöü"}', 5), false, 'in bytes, which characters are never more than');
SELECT is(nightbell.texts_within('{"a": "12\"34"}', 5), false, 'with a backslash nobody knows');
SELECT is_empty($$SELECT n FROM generate_series(190, 210) AS n, nightbell.notification_types AS k,
    jsonb_build_object('bookingId', repeat('b', n), 'sessionId', repeat('ä', n / 2) || '"') AS d
    WHERE k.type = 'BOOKING_CREATED' AND (d @@ k.data_accepts AND nightbell.texts_within(d::text, k.data_accepts_size))
        AND nightbell.data_problem(k.type, k.data_schema, d) IS NOT NULL$$, 'around the limit the fast check accepts nothing that is wrong');

-- at notify time, whoever the producer is
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'BOOKING_CREATED', 't', 'm')$$, :'ACME', :'ADA'), '22023',
                 'data of BOOKING_CREATED at $.bookingId: expected a string, and it is missing', 'left out where it is needed');
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'PAYMENT_DUE', 't', 'm', '{"paymentId": "p", "amount": -1, "currency": "EUR", "dueAt": "2026-01-01T00:00:00Z"}')$$,
                        :'ACME', :'ADA'), '22023', 'data of PAYMENT_DUE at $.amount: expected 0 or more', 'not what it should be');
SELECT lives_ok(format($$SELECT nightbell.notify(%L, %L, 'BOOKING_CREATED', 't', 'm', jsonb_build_object('bookingId', repeat('b', 200), 'sessionId', repeat('s', 200)))$$,
                       :'ACME', :'ADA'), 'longer than the fast check takes, but right');
SELECT throws_ok(format($$SELECT nightbell.announce(%L, 'BOOKING_CREATED', 't', 'm', '{"bookingId": 1}')$$, :'ACME'), '22023', NULL, 'announcements');
SELECT throws_ok(format($$SELECT nightbell.broadcast(%L, 'tenant', NULL, 'BOOKING_CREATED', 't', 'm', '{"bookingId": 1}')$$, :'ACME'), '22023', NULL, 'broadcasts');
SELECT throws_like(format($$SELECT nightbell.notify_many(ARRAY['{"tenant": "%1$s", "user": "%2$s", "type": "BOOKING_CREATED", "title": "t", "message": "m"}']::jsonb[])$$,
                          :'ACME', :'ADA'), '%data of BOOKING_CREATED at $.bookingId: expected a string, and it is missing', 'batches');
SELECT is((SELECT sqlstate || ' ' || message FROM nightbell.produce_many('notify', ARRAY[format('{"tenant": "%s", "user": "%s", "type": "BOOKING_CREATED", "title": "t",
    "message": "m", "data": {"bookingId": "b", "sessionId": []}}', :'ACME', :'ADA')]::jsonb[])),
    '22023 data of BOOKING_CREATED at $.sessionId: expected a string, found an array', 'streams');
-- restricted types: by the producer's roles
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'DIGEST', 't', 'm', '{"count": 1}')$$, :'ACME', :'ADA'), '42501',
                 'the type DIGEST may be created by the roles admin, worker only', 'a restricted type');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION nightbell_console;
SELECT set_config('nightbell.token', :'token_olga', true) IS NULL AS quiet \gset
SELECT lives_ok(format($$SELECT nightbell.notify(%L, %L, 'DIGEST', 't', 'm', '{"count": 1}')$$, :'ACME', :'ADA'), 'may be created by who has the role');
-- who writes types: administrators
SELECT throws_ok($$DELETE FROM nightbell.notification_types WHERE type = 'TEST_NOTE'$$, '42501', NULL, 'not by clients');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
