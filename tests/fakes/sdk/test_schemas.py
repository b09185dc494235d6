"""Whether the fake keeps to any JSON schema: to 400 random ones, as an independent validator sees it."""

import json
import random
import urllib.request

import jsonschema
import pytest
from conftest import PROMPT, URL

NAMES = ["title", "text", "segments", "ids", "mood", "people", "start_ms", "done", "nested", "quote"]


def schema(dice, depth=0):
    kinds = ["string", "integer", "number", "boolean", "enum", "const", "format", "pattern"]
    if depth < 5:
        kinds += ["object"] * 4 + ["array"] * 3 + ["anyOf", "oneOf", "allOf", "nullable", "ref", "tuple"]
    return globals()["make_" + dice.choice(kinds).lower()](dice, depth + 1)


def make_string(dice, _):
    low = dice.randrange(0, 40)
    return {"type": "string"} | dice.choice([{}, {"minLength": low, "maxLength": low + 9}, {"maxLength": 3}])


def make_integer(dice, _):
    low = dice.randrange(-50, 50)
    return {"type": "integer"} | dice.choice(
        [{}, {"minimum": low, "maximum": low + 7}, {"exclusiveMinimum": low}, {"exclusiveMaximum": low}]
        + [{"minimum": low, "multipleOf": 3}, {"maximum": low}]
    )


def make_number(dice, _):
    low = dice.randrange(-50, 50) / 4
    return {"type": "number"} | dice.choice(
        [{}, {"minimum": low, "maximum": low + 0.5}, {"exclusiveMinimum": low}, {"exclusiveMaximum": low}]
        + [{"exclusiveMinimum": low, "exclusiveMaximum": low + 1}, {"minimum": low, "multipleOf": 0.5}]
    )


def make_boolean(_, __):
    return {"type": "boolean"}


def make_enum(dice, _):
    return {"enum": dice.sample(["calm", 3, None, "glad", 2.5, False], dice.randrange(1, 5))}


def make_const(dice, _):
    return {"const": dice.choice(["x", 7, None, {"a": [1]}])}


def make_format(dice, _):
    kinds = ["date", "date-time", "time", "email", "uuid", "ipv4", "ipv6", "uri", "hostname", "duration"]
    return {"type": "string", "format": dice.choice(kinds)}


def make_pattern(dice, _):
    patterns = [r"^\d{4}-\d{2}$", "^[a-z_]+$", "^(am|pm)( sharp)?$", "^#[0-9a-f]{6}$", r"^\w+@\w+\.org$"]
    return {"type": "string", "pattern": dice.choice(patterns)}


def make_object(dice, depth):
    names = dice.sample(NAMES, dice.randrange(0, 5))
    made = {"type": "object", "properties": {name: schema(dice, depth) for name in names}}
    made["required"] = dice.sample(names, dice.randrange(0, len(names) + 1))
    return made | dice.choice([{}, {"additionalProperties": False}])


def make_array(dice, depth):
    low = dice.randrange(0, 4)
    bounds = dice.choice([{}, {"minItems": low, "maxItems": low + 1}, {"maxItems": 1}, {"minItems": low}])
    return {"type": "array", "items": schema(dice, depth)} | bounds


def make_tuple(dice, depth):
    first = [schema(dice, depth) for _ in range(dice.randrange(1, 3))]
    return {"type": "array", "prefixItems": first, "items": False, "minItems": len(first)}


def make_anyof(dice, depth):
    return {"anyOf": [schema(dice, depth) for _ in range(dice.randrange(1, 4))]}


def make_oneof(dice, _):
    kinds = dice.sample(["string", "boolean", "null", "integer"], 2)
    return {"oneOf": [{"type": kind} for kind in kinds]}


def make_allof(dice, depth):
    parts = [make_object(dice, depth) for _ in range(2)]
    for at, part in enumerate(parts):
        part.pop("additionalProperties", None)
        part["properties"] = {f"{name}_{at}": value for name, value in part["properties"].items()}
        part["required"] = [f"{name}_{at}" for name in part["required"]]
    return {"allOf": parts}


def make_nullable(dice, _):
    return {"type": dice.choice([["string", "null"], ["null", "array"], ["integer", "null"]])}


def make_ref(dice, _):
    return {"$ref": "#/$defs/" + dice.choice(["leaf", "tree"])}


TREE = {
    "type": "object",
    "required": ["left", "leaf"],
    "additionalProperties": False,
    "properties": {
        "left": {"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]},
        "right": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
        "leaf": {"$ref": "#/$defs/leaf"},
    },
}
DEFS = {"leaf": {"type": "string", "enum": ["oak", "elm"]}, "tree": TREE}


def ask(wanted, model="m"):
    form = {"type": "json_schema", "json_schema": {"name": "any", "schema": wanted}}
    body = {"model": model, "messages": [{"role": "user", "content": PROMPT}], "response_format": form}
    headers = {"content-type": "application/json"}
    url = f"{URL}/local/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(json.load(answer)["choices"][0]["message"]["content"])


@pytest.mark.parametrize("seed", range(400))
def test_any_schema_is_kept_to(seed):
    dice = random.Random(seed)
    wanted = make_object(dice, 0) | {"$defs": DEFS}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(wanted, format_checker=checker).validate(ask(wanted))


def test_a_wrong_schema_is_wrong():
    wanted = TREE | {"$defs": DEFS}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(ask(wanted, "m@wrong_schema"), wanted)
