#!/usr/bin/env python3
"""Random schemas and random data, judged by Debian's python3-jsonschema (which json-schema-test-suite brings), in the same lines
as json_schema.py: json_schema_random.py SEED COUNT. Both are small, so that they meet often."""
import json
import random
import sys

import jsonschema

NAMES = ['a', 'b', 'c', 'a b', '"', '\\', 'type']
TEXTS = ['', 'a', 'ab', 'ABC', 'xyz-9', 'äé', '\U0001f432', 'a\nb', 'low', '"', '\\', '%s', '$']
NUMBERS = [0, 1, -1, 2, 3, 1.0, 0.5, -2.5, 10, 1e20, 12345678901234567890]
PATTERNS = ['^a', 'b$', '^[a-z]+$', '^.{1,2}$', 'a|b', '^[^a]*$', '^\\S+$', '^(ab?)*$', '[0-9]{1,2}', '"', '%', '^\\$$']


def scalar(r):
    return r.choice([r.choice(TEXTS), r.choice(TEXTS), r.choice(NUMBERS), True, False, None])


def value(r, depth):
    kind = r.random()
    if depth == 0 or kind < 0.5:
        return scalar(r)
    if kind < 0.75:
        return {name: value(r, depth - 1) for name in r.sample(NAMES, r.randint(0, 4))}
    return [value(r, depth - 1) for _ in range(r.randint(0, 3))]


def constant(r):
    """For enum and const: the judge takes true for 1 inside lists and objects, so none of both is there."""
    while True:
        one = value(r, 1)
        parts = one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
        if not any(isinstance(part, bool) or part in (0, 1) for part in parts if not isinstance(part, (list, dict))):
            return one


def schema(r, depth):
    if r.random() < 0.05:
        return r.choice([True, False])
    inner = max(depth - 1, 0)
    makers = {
        'type': lambda: r.choice([r.choice(TYPES), r.sample(TYPES, r.randint(1, 3))]),
        'enum': lambda: [constant(r) for _ in range(r.randint(1, 5))], 'const': lambda: constant(r),
        'minimum': lambda: r.choice(NUMBERS), 'maximum': lambda: r.choice(NUMBERS),
        'exclusiveMinimum': lambda: r.choice(NUMBERS), 'exclusiveMaximum': lambda: r.choice(NUMBERS),
        'multipleOf': lambda: r.choice([1, 2, 3, 0.5]),
        'minLength': lambda: r.randint(0, 3), 'maxLength': lambda: r.randint(0, 3), 'pattern': lambda: r.choice(PATTERNS),
        'minItems': lambda: r.randint(0, 2), 'maxItems': lambda: r.randint(0, 2), 'uniqueItems': lambda: r.random() < 0.7,
        'required': lambda: r.sample(NAMES, r.randint(0, 2)),
    }
    if depth > 0:
        makers |= {
            'properties': lambda: {name: schema(r, inner) for name in r.sample(NAMES, r.randint(1, 4))},
            'additionalProperties': lambda: schema(r, inner) if r.random() < 0.5 else False,
            'items': lambda: schema(r, inner), 'not': lambda: schema(r, inner),
            'allOf': lambda: [schema(r, inner) for _ in range(r.randint(1, 2))],
            'anyOf': lambda: [schema(r, inner) for _ in range(r.randint(1, 3))],
            'oneOf': lambda: [schema(r, inner) for _ in range(r.randint(1, 3))],
        }
    keywords = r.sample(sorted(makers), r.randint(1, 3))
    if depth > 0 and r.random() < 0.6:
        keywords.append('properties')
    return {keyword: makers[keyword]() for keyword in keywords}


TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']


def field(text):
    return text.replace('\\', '\\\\')  # JSON in ASCII has nothing else that COPY minds


chance = random.Random(int(sys.argv[1]))
for number in range(int(sys.argv[2])):
    one = schema(chance, 3)
    judge = jsonschema.Draft202012Validator(one)
    for _ in range(6):
        data = value(chance, 3)
        print('\t'.join(('random', str(number), field(json.dumps(one)), '', field(json.dumps(data)), str(judge.is_valid(data)), '')))
