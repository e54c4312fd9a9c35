"""An example of every call and of every answer, made from the description itself: what is declared is what is shown,
so that an example cannot go stale. A test holds each against its schema, and asks each parameter's of the service."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID, uuid5

from contracts.filters_spend import MONTH

from .changes import POUNDS
from .conditions import TAG
from .formats import MEDIA, cell
from .lifecycle import row_component
from .once import KEY
from .problems import KINDS, PROBLEM_TYPE, problem

NAMESPACE = UUID("6f1d7a0e-6a53-4c0c-9a59-0f7b1f0c8f10")  # of ids that are only examples
MOMENT = "2026-04-01T02:14:07.120000Z"
WATERMARK = "48213"
CURSOR = "WyJhdXRob3JpdHk6MSIsInJhdGVzIl0:1wX9eT:Hk2f"
JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
OBJECTS = (JSON, MEDIA["json"])

# Text by the end of a field's or parameter's name: no more than a plausible word. Longer endings stand first.
WORDS = {
    "framework_reference": "SEL-2025", "lot_number": "1", "provider_name": "Alder Fostering",
    "owner_name": "Birch Group", "authority_name": "Southwark", "area_name": "Southwark",
    "area_code": "E09000028", "authority_code": "E09000028",
    "ons_code": "E09000028", "dfe_number": "210", "region_code": "E12000007", "region": "London", "urn": "SC000001",
    "company_number": "01234567", "charity_number": "1234567", "postcode": "SE1 2QH", "slug": "southwark",
    "file_name": "rates-2026.xlsx", "source_sheet": "Rates", "sha256": "9f86d081884c7d65" * 4, "source": "rates",
    "requested_by": "officer@southwark.example", "approved_by": "manager@lewisham.example", "watermark": WATERMARK,
    "published_by": "manager@lewisham.example", "withdrawn_by": "manager@lewisham.example", "cursor": CURSOR,
    "updated_since": WATERMARK, "reference": "SEL-2025",
    "code": "L1", "number": "1", "heard_since": MOMENT,
}  # fmt: skip
PATTERNS = {
    f"^{TAG}$": '"3-0f4c3a1b5d6e7f8091a2b3c4"',
    f"^{KEY}$": "5f0c7c1e-2a55-4f0e-9b7a-0d1c2b3a4f5e",
    POUNDS: "712.5000",
    "^[0-9]{4}-[0-9]{2}$": "2026-04",
    MONTH: "2026-04",
}
WHOLE = {"status": 400, "limit": 200, "release": 4, "age": 9, "version": 3, "year": 2026}


def with_examples(described: dict[str, Any]) -> None:
    """Puts them into the description."""
    components = described["components"]["schemas"]
    for operations in described.get("webhooks", {}).values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content.setdefault("example", sample(content.get("schema", {}), components, ""))
    for address, operations in described["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                parameter["example"] = identity(operation["tags"][0]) if name == "id" else sample(
                    parameter["schema"], components, name
                )  # fmt: skip
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = sample(content.get("schema", {}), components, "")
            for status, answer in operation["responses"].items():
                for media, content in answer.get("content", {}).items():
                    content |= _of_answer(address, status, media, content.get("schema", {}), operation, components)


def _of_answer(
    address: str, status: str, media: str, told: dict[str, Any], operation: dict[str, Any], components: dict[str, Any]
) -> dict[str, Any]:
    """{"example": ...} or {"examples": ...} of one content of one answer; nothing for a file that is not text."""
    if media == PROBLEM_TYPE:
        return {"examples": {kind: {"summary": KINDS[kind][1], "value": _problem(kind)} for kind in _kinds(status)}}
    if media in (CSV, NDJSON) and row_component(operation, components):
        row = sample(components[row_component(operation, components)], components, "")
        return {"example": _as_csv(row) if media == CSV else f"{json.dumps(row, ensure_ascii=False)}\n"}
    if media not in OBJECTS or resolved(told, components).get("format") == "binary":
        return {}
    shown = sample(told, components, "")
    if not (isinstance(shown, dict) and {"results", "next"} <= set(shown)):
        return {"example": shown}
    shown["next"] = f"https://commissioning.example{address}?cursor={CURSOR}"
    pages = {"rows": {"summary": "A page of rows, with more to come", "value": shown}}
    removal = _removal(told, components)
    if removal:
        told_away = {**shown, "results": [removal, *shown["results"]], "next": None}
        pages["delta"] = {"summary": "What has changed since a watermark: a removal and a row", "value": told_away}
    return {"examples": pages}


def _kinds(status: str) -> list[str]:
    return [kind for kind, (its, *_) in KINDS.items() if f"{its}" == status]


def _problem(kind: str) -> dict[str, Any]:
    return json.loads(problem(kind).content)


def _removal(told: dict[str, Any], components: dict[str, Any]) -> dict[str, Any] | None:
    """The last of what a page's results may be, where they may be several things: a removal."""
    items = resolved(resolved(told, components)["properties"]["results"]["items"], components)
    return sample(items["oneOf"][-1], components, "") if "oneOf" in items else None


def _as_csv(row: dict[str, Any]) -> str:
    out = StringIO()
    csv.writer(out).writerows([list(row), [cell(value) for value in row.values()]])
    return out.getvalue()


def resolved(told: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference leads to."""
    while "$ref" in told:
        told = components[told["$ref"].rpartition("/")[2]]
    return told


def identity(of: str) -> str:
    return str(uuid5(NAMESPACE, of))


def sample(told: dict[str, Any], components: dict[str, Any], name: str) -> Any:
    """A value that answers the schema, and reads like what the field of that name holds. Never null."""
    told = resolved(told, components)
    for several in ("oneOf", "anyOf"):
        if several in told:
            return sample(next(each for each in told[several] if each.get("type") != "null"), components, name)
    if "allOf" in told:
        return {key: value for each in told["allOf"] for key, value in sample(each, components, name).items()}
    if "const" in told:
        return told["const"]
    if "enum" in told:
        return next(code for code in told["enum"] if code is not None)
    kind = next(_kinds_of(told))
    if kind == "object":
        return {key: sample(schema, components, key) for key, schema in told.get("properties", {}).items()}
    if kind == "array":
        return [sample(told["items"], components, name.removesuffix("s"))]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return max(told.get("minimum", 0), min(WHOLE.get(name, 1), told.get("maximum", 1_000_000)))
    return _text(told, name)


def _kinds_of(told: dict[str, Any]) -> Iterator[str]:
    kinds = told.get("type", "object")
    yield from (kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")


def _text(told: dict[str, Any], name: str) -> str:
    match told.get("format"):
        case "uuid":
            return identity(name)
        case "date":
            return "2027-04-01" if name.startswith("ends") else "2026-04-01"
        case "date-time":
            return MOMENT
        case "decimal":
            return _decimal(told["pattern"])
        case "uri":
            return "https://council.example/commissioning"
    if "pattern" in told:
        return PATTERNS[told["pattern"]]
    word = next((word for ending, word in WORDS.items() if name.endswith(ending)), None)
    word = word or (name.replace("_", " ").capitalize() or "Text")
    return word[: told.get("maxLength", len(word))].ljust(told.get("minLength", 0), "x")


def _decimal(pattern: str) -> str:
    """With as many decimal places as the pattern, which Django REST framework writes, allows."""
    places = int(pattern.rpartition(",")[2].partition("}")[0])
    return f"712.{'5000'[:places]}" if places else "712"
