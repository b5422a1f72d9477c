#!/usr/bin/env python3
"""The cases of the JSON Schema test suite below a folder, as lines for COPY: file, group, schema, test, data, whether it is valid,
and why the case is left out (empty: it is not). What is left out follows one rule: the schema says something that nightbell's
subset of JSON Schema does not know, or the text cannot be a jsonb."""
import json
import os
import sys

SCHEMA = {'additionalProperties', 'items', 'not'}
LISTS = {'allOf', 'anyOf', 'oneOf'}
VALUES = {'type', 'required', 'enum', 'const', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
          'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'uniqueItems', 'format',
          '$comment', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'}
FORMATS = {'uuid', 'date-time', 'date', 'uri', 'email'}


def unsupported(schema):
    """The first thing in a schema that nightbell does not know; an empty text: none."""
    if isinstance(schema, bool):
        return ''
    if not isinstance(schema, dict):
        return 'a list of schemas as items'  # before draft 2020-12
    for keyword, value in schema.items():
        if keyword == '$schema':
            found = '' if value == 'https://json-schema.org/draft/2020-12/schema' else '$schema of another dialect'
        elif keyword in SCHEMA:
            found = unsupported(value)
        elif keyword == 'properties':
            found = next(filter(None, map(unsupported, value.values())), '')
        elif keyword in LISTS:
            found = next(filter(None, map(unsupported, value)), '')
        elif keyword not in VALUES:
            found = keyword
        elif keyword == 'format' and value not in FORMATS:
            found = 'format ' + value
        elif keyword == 'pattern' and '\\p{' in value:
            found = 'pattern with a Unicode property'
        else:
            found = ''
        if found:
            return found
    return ''


def field(text):
    for character, escape in (('\\', '\\\\'), ('\t', '\\t'), ('\n', '\\n'), ('\r', '\\r')):
        text = text.replace(character, escape)
    return text


folder = sys.argv[1]
for directory, _, names in sorted(os.walk(folder)):
    for name in sorted(names):
        with open(os.path.join(directory, name), encoding='utf-8') as file:
            groups = json.load(file)
        for group in groups:
            for test in group['tests']:
                schema, data = json.dumps(group['schema']), json.dumps(test['data'])
                reason = unsupported(group['schema'])
                if test['description'].endswith('is only an annotation by default'):
                    reason = 'a format that asserts nothing'  # here each asserts, as in the suite's optional part
                if '\\u0000' in schema + data:
                    reason = 'a NUL character'
                print('\t'.join(map(field, (os.path.relpath(os.path.join(directory, name), folder), group['description'], schema,
                                            test['description'], data, str(test['valid']), reason))))
