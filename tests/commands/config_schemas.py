"""What docs/schema says of documents, for config_schemas.t.

  lines FOLDER FILE    a line {"kind": …, "document": …} each: prints ok, or the path and what is wrong
  file FOLDER FILE     a file of nightbell apply, as YAML: the same of the whole file
  members FOLDER KIND  the members that the kind's schema knows, sorted
"""
import json
import os
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2: no dates, and of the words only true, false and null."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for word in "true", "True", "TRUE", "false", "False", "FALSE":
    Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile(f"^{word}$"), [word[0]])


def schema_of(folder, name):
    with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def in_one(folder, schema):
    """The schema of a file with those that it refers to beside it in its place."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return in_one(folder, schema_of(folder, schema["$ref"].removesuffix(".json")))
        return {name: in_one(folder, value) for name, value in schema.items()}
    return [in_one(folder, value) for value in schema] if isinstance(schema, list) else schema


def judge(schema, value):
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    print("ok" if problem is None else f"{problem.json_path}: {problem.message}"[:200])


def main(what, folder, name):
    if what == "members":
        print(" ".join(sorted(schema_of(folder, name)["properties"])))
    elif what == "file":
        with open(name, encoding="utf-8") as file:
            judge(in_one(folder, schema_of(folder, "nightbell")), yaml.load(file, Core))
    else:
        schemas = {}
        with open(name, encoding="utf-8") as file:
            for line in file:
                item = json.loads(line)
                if item["kind"] not in schemas:
                    schemas[item["kind"]] = schema_of(folder, item["kind"])
                judge(schemas[item["kind"]], item["document"])


main(*sys.argv[1:])
