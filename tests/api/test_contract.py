"""The promise: an example of every call and answer that its schema and the service take, each kind of breaking change
named, and what is going away said in headers and description."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime

import pytest
from jsonschema import Draft202012Validator

from api import breaking, changelog, lifecycle
from api.breaking import bare, broken, unsaid
from api.comparison import BREAKS, compare
from api.examples import PATTERNS, WORDS
from api.lifecycle import Leaving
from api.problems import KINDS, PROBLEM_TYPE
from api.schema import document
from api.urls import RESOURCES

from .conftest import bearer
from .walk import V1

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TODAY = date(2026, 11, 29)
GIVEN_OUT = {"cursor", "updated_since", "release"}  # the service knows which it has given out: no example is one
RATES, APPROVE = f"{V1}/rates/", f"{V1}/releases/{{id}}/approve/"


@pytest.fixture
def described():
    return deepcopy(document())


def operations(described):
    return [
        (f"{method} {address}", operation)
        for address, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def examples(content):
    return [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]


def shown(described):
    """(where, schema, example) of everything that the description shows."""
    for name, operation in operations(described):
        for parameter in operation.get("parameters", ()):
            yield f"{name} {parameter['name']}", parameter["schema"], parameter["example"]
        contents = list(operation.get("requestBody", {}).get("content", {}).items())
        for answer in operation["responses"].values():
            contents += answer.get("content", {}).items()
        for media, content in contents:
            schema = content.get("schema", {})
            if schema.get("format") == "binary" or not schema:
                continue  # a file that cannot be written here
            told = examples(content)
            assert told, f"{name} {media} has no example"
            yield from ((f"{name} {media}", content["schema"], each) for each in told)


def test_every_example_is_as_described(described):
    checker, wrong, count = Draft202012Validator.FORMAT_CHECKER, [], 0
    kinds = set()
    for where, schema, example in shown(described):
        validator = Draft202012Validator({**schema, "components": described["components"]}, format_checker=checker)
        wrong += [f"{where}: {list(error.path)} {error.message}" for error in validator.iter_errors(example)]
        count += 1
        if where.endswith(PROBLEM_TYPE):
            kinds.add(example["type"].rpartition("-problem-")[2].rpartition("#problem-")[2])
    assert wrong == []
    assert count > 500
    assert set(KINDS) - kinds == {"method"}, "no call is described that a method is refused for"


def test_no_word_for_examples_is_left_over(described):
    fields = {name for each in described["components"]["schemas"].values() for name in each.get("properties", ())}
    names = fields | {
        each["name"] for _, operation in operations(described) for each in operation.get("parameters", ())
    }
    assert [ending for ending in WORDS if not any(name.endswith(ending) for name in names)] == []
    assert all(f'"pattern": {json.dumps(pattern)}' in json.dumps(described) for pattern in PATTERNS)


def test_every_parameter_is_taken_as_its_example_has_it(client, market, southwark, described):
    key, wrong, asked = bearer(southwark), [], 0
    for resource in RESOURCES:
        for parameter in described["paths"][f"{V1}/{resource.name}/"]["get"]["parameters"]:
            if parameter["in"] == "query" and parameter["name"] not in GIVEN_OUT:
                example = parameter["example"]
                told = {parameter["name"]: str(example).lower() if isinstance(example, bool) else example}
                answer = client.get(f"{V1}/{resource.name}/", told, headers=key)
                asked += 1
                if answer.status_code != 200:
                    wrong.append((resource.name, told, answer.content))
    assert wrong == []
    assert asked > 120


def test_what_is_served_is_what_was_promised(described):
    """Where this fails: write in api/changelog.py what is new, then run `make promise`."""
    assert broken(described) == []
    assert lifecycle.faults(described) == []


# --- what breaks ---


def rate(told):
    return told["components"]["schemas"]["Rate"]


def listed(told):
    return told["paths"][RATES]["get"]


def parameter(told, name):
    return next(each for each in listed(told)["parameters"] if each["name"] == name)


def body(told):
    return told["components"]["schemas"]["ReleaseNew"]


def both(before, now, put):
    put(before)
    put(now)


def _header(before, now):
    before["paths"][RATES]["get"]["responses"]["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}


def _format(before, now):
    both(before, now, lambda told: body(told)["properties"].update(as_at={"type": "string", "format": "date"}))
    body(now)["properties"]["as_at"]["format"] = "date-time"


def _union(before, now):
    both(before, now, lambda told: body(told)["properties"].update(
        note={"oneOf": [{"type": "string"}, {"type": "integer"}]}
    ))  # fmt: skip
    body(now)["properties"]["note"]["oneOf"].pop()


def _sunset(before, now):
    both(before, now, lambda told: listed(told).update({"deprecated": True, "x-sunset": "2028-04-01"}))
    listed(now)["x-sunset"] = "2028-01-01"


def _no_body(before, now):
    del now["paths"][f"{V1}/releases/"]["post"]["requestBody"]


BROKEN = {
    "address-removed": lambda before, now: now["paths"].pop(RATES),
    "method-removed": lambda before, now: now["paths"][f"{V1}/releases/"].pop("post"),
    "call-renamed": lambda before, now: listed(now).update(operationId="rates"),
    "parameter-removed": lambda before, now: listed(now)["parameters"].remove(parameter(now, "lot")),
    "parameter-required": lambda before, now: parameter(now, "lot").update(required=True),
    "default-changed": lambda before, now: parameter(now, "limit")["schema"].update(default=100),
    "body-required": lambda before, now: now["paths"][f"{V1}/releases/"]["post"]["requestBody"].update(required=True),
    "body-removed": _no_body,
    "body-media-removed": lambda before, now: now["paths"][f"{V1}/releases/"]["post"]["requestBody"]["content"].clear(),
    "security-tightened": lambda before, now: listed(now)["security"].pop(),
    "scheme-changed": lambda before, now: now["components"]["securitySchemes"]["key"].update(scheme="basic"),
    "status-removed": lambda before, now: listed(now)["responses"].pop("403"),
    "media-removed": lambda before, now: listed(now)["responses"]["200"]["content"].pop("text/csv"),
    "header-removed": _header,
    "sent-type-narrowed": lambda before, now: parameter(now, "cursor")["schema"].update(type="integer"),
    "sent-codes-narrowed": lambda before, now: parameter(now, "format")["schema"]["enum"].pop(),
    "sent-format-narrowed": _format,
    "sent-bounds-narrowed": lambda before, now: parameter(now, "limit")["schema"].update(maximum=500),
    "sent-field-removed": lambda before, now: body(now)["properties"].pop("note"),
    "sent-field-required": lambda before, now: body(now).update(required=["note"]),
    "sent-union-narrowed": _union,
    "told-type-changed": lambda before, now: rate(now)["properties"]["amount"].update(type="number"),
    "told-null": lambda before, now: rate(now)["properties"]["lot"].update(type=["string", "null"]),
    "told-codes-removed": lambda before, now: rate(now)["properties"]["unit"]["enum"].remove("mile"),
    "told-codes-opened": lambda before, now: rate(now)["properties"]["unit"].pop("enum"),
    "told-format-changed": lambda before, now: rate(now)["properties"]["starts_on"].update(format="date-time"),
    "told-bounds-loosened": lambda before, now: rate(now)["properties"]["amount"].pop("pattern"),
    "told-field-removed": lambda before, now: rate(now)["properties"].pop("amount"),
    "told-field-optional": lambda before, now: rate(now)["required"].remove("amount"),
    "told-union-widened": lambda before, now: now["components"]["schemas"]["RateOrRemoval"]["oneOf"].append(
        {"$ref": "#/components/schemas/Lot"}
    ),
    "sunset-earlier": _sunset,
}


def test_every_kind_of_breaking_change_is_named(described):
    assert BROKEN.keys() == BREAKS.keys(), "a kind that nothing here breaks"
    promised = bare(described)
    for kind, change in BROKEN.items():
        before, now = deepcopy(promised), deepcopy(promised)
        change(before, now)
        found = compare(before, now, TODAY)
        assert kind in {each.kind for each in found}, kind
        assert all(each.where.startswith((V1, "sign-in")) for each in found)
    assert compare(promised, promised, TODAY) == []


def test_more_breaks_nobody_and_asks_for_a_word(described, monkeypatch, tmp_path):
    now = deepcopy(described)
    listed(now)["parameters"].append({"in": "query", "name": "tier", "schema": {"type": "integer"}})
    rate(now)["properties"] |= {"tier": {"type": "integer"}}
    rate(now)["properties"]["unit"]["enum"].append("day")
    now["paths"][f"{V1}/rates/tiers/"] = {"get": listed(described)}
    del parameter(now, "limit")["schema"]["maximum"]  # takes more
    changes = compare(bare(described), bare(now), TODAY)
    assert len(changes) >= 5
    assert not [each for each in changes if each.breaks]
    assert unsaid(changes, changelog.newest().version) == ["rates"]
    entry = changelog.Entry("99.0.0", TODAY, "added", ("rates",), "Tiers.")
    monkeypatch.setattr(changelog, "CHANGELOG", (entry, *changelog.CHANGELOG))
    assert unsaid(changes, changelog.CHANGELOG[1].version) == []
    monkeypatch.setattr(breaking, "CONTRACT", tmp_path / "contract.json")
    breaking.write(described)
    assert broken(described) == []
    assert "promise this yet" in broken(now)[-1]
    breaking.write(now)
    assert broken(now) == []
    assert "told-codes-removed" in "".join(broken(described))
    rate(now)["properties"]["tier"]["dependentSchemas"] = {}
    assert any("dependentSchemas" in each for each in broken(now))


def test_what_the_service_sends_of_itself_is_promised_too(described):
    sent = {
        "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rate"}}}}}
    }
    before = bare(described | {"webhooks": {"rate": sent}})
    assert {each.kind for each in compare(before, bare(described), TODAY)} == {"address-removed"}
    assert {each.kind for each in compare(bare(described), before, TODAY)} == {"added"}
    now = deepcopy(before)
    rate(now)["properties"]["lot"] |= {"type": ["string", "null"]}
    found = compare(before, now, TODAY)
    assert [each for each in found if each.of == "webhooks" and each.kind == "told-null"]


def test_what_was_announced_may_go_on_its_day(described):
    before = bare(described)
    rate(before)["properties"]["amount"] |= {"deprecated": True, "x-sunset": "2027-12-01"}
    now = deepcopy(before)
    del rate(now)["properties"]["amount"]
    assert {each.kind for each in compare(before, now, date(2027, 11, 30))} == {"told-field-removed"}
    assert {each.kind for each in compare(before, now, date(2027, 12, 1))} == {"removed-as-announced"}


# --- what is going away ---

ANNOUNCED, ENDS = date(2026, 12, 1), date(2027, 12, 1)
GOING = (
    Leaving("lots", ANNOUNCED, ENDS, "Use the lots of each framework."),
    Leaving("rates", ANNOUNCED, ENDS, "Use price_line.", field="price_line_code"),
    Leaving("awards", ANNOUNCED, ENDS, "Use provider.", parameter="lot"),
)


def test_what_is_going_away_says_so(client, market, southwark, described, monkeypatch):
    key = bearer(southwark)
    assert "Deprecation" not in client.get(f"{V1}/lots/", headers=key)
    monkeypatch.setattr(lifecycle, "LEAVING", GOING)
    since = f"@{int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())}"
    lots = client.get(f"{V1}/lots/", headers=key)
    assert (lots["Deprecation"], lots["Sunset"]) == (since, "Wed, 01 Dec 2027 00:00:00 GMT")
    assert lots["Link"] == (
        '<http://testserver/api/v1/docs/changes/#leaving-lots>; rel="deprecation"; type="text/html"'
    )
    assert client.get(f"{V1}/lots/?format=csv", headers=key)["Sunset"] == lots["Sunset"]
    assert client.get(f"{V1}/lots/nothing/", headers=key)["Deprecation"] == since
    rates = client.get(f"{V1}/rates/", headers=key)
    assert rates["Deprecation"] == since
    assert "Sunset" not in rates, "the address stays"
    assert "Deprecation" not in client.get(f"{V1}/awards/", headers=key)
    assert client.get(f"{V1}/awards/?lot={market.ours.lot.uuid}", headers=key)["Deprecation"] == since
    said = client.get(f"{V1}/docs/changes/").content.decode()
    assert 'id="leaving-rates-price_line_code"' in said
    assert "Use price_line." in said

    lifecycle.told_by_lifecycle(described)
    marked = [listed(described | {"paths": {RATES: described["paths"][f"{V1}/lots/"]}}),
              rate(described)["properties"]["price_line_code"]]  # fmt: skip
    assert [(each["deprecated"], each["x-sunset"]) for each in marked] == [(True, "2027-12-01")] * 2
    assert lifecycle.faults(described) == []
    short = Leaving("rates", ANNOUNCED, date(2027, 6, 1), "", field="amount")
    monkeypatch.setattr(lifecycle, "LEAVING", (short, Leaving("rates", ANNOUNCED, ENDS, "", field="nothing")))
    assert [told.rpartition(" ")[2] for told in lifecycle.faults(described)] == ["described", "promised"]


def test_the_changelog_is_in_order_and_names_what_there_is():
    names = {resource.name for resource in RESOURCES} | {changelog.EVERYTHING}
    numbers = [changelog.number(entry.version) for entry in changelog.CHANGELOG]
    assert numbers == sorted(numbers, reverse=True)
    days = [entry.on for entry in changelog.CHANGELOG]
    assert days == sorted(days, reverse=True)
    removed = {name for entry in changelog.CHANGELOG if entry.kind == "removed" for name in entry.of}
    for entry in changelog.CHANGELOG:
        assert entry.kind in changelog.KINDS
        assert set(entry.of) <= names | removed
        assert len({each.on for each in changelog.CHANGELOG if each.version == entry.version}) == 1
