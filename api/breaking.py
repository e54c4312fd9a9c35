"""`make promise`: what has changed since the promise (contract.json), and the promise renewed where nothing
that was promised is broken and the changelog says what is new. `python -m api.lint` holds the description to it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from .changelog import EVERYTHING, entries_since, newest
from .comparison import Change, compare

CONTRACT = Path(__file__).parent / "contract.json"
RENEW = "make promise"

PROMISED = ("openapi", "paths", "webhooks", "components")
# Words of the description that cannot break anybody.
ONLY_WORDS = {"description", "summary", "example", "examples", "externalDocs", "title"}
NAMES = ("properties", "paths", "webhooks", "schemas", "headers")
SCHEMA_WORDS = {
    "$ref", "type", "enum", "const", "format", "pattern", "properties", "required", "items", "oneOf", "anyOf", "allOf",
    "additionalProperties", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf", "deprecated", "x-sunset", "readOnly", "writeOnly",
    "contentMediaType", "contentEncoding", "propertyNames",
}  # fmt: skip


def bare(described: dict[str, Any]) -> dict[str, Any]:
    """The description without its words and examples: what is promised."""
    kept = _without_words({key: described.get(key, {}) for key in PROMISED})
    return {**kept, "info": {"title": described["info"]["title"], "version": described["info"]["version"]}}


def _without_words(told: Any, *, names: bool = False) -> Any:
    """`names`: the keys here are somebody's names, as of fields, and none is a word of the description."""
    if isinstance(told, list):
        return [_without_words(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        key: _without_words(value, names=key in NAMES and not names)
        for key, value in told.items()
        if names or key not in ONLY_WORDS
    }


def unknown_words(described: dict[str, Any]) -> set[str]:
    """Words of schemas that nothing is known of here, so that a change of them would pass unseen."""
    found: set[str] = set()

    def look(told: Any) -> None:
        if isinstance(told, bool):
            return
        found.update(told.keys() - SCHEMA_WORDS - ONLY_WORDS)
        for key in ("items", "additionalProperties", "propertyNames"):
            look(told.get(key, True))
        for each in (*told.get("properties", {}).values(), *told.get("oneOf", ()), *told.get("anyOf", ()),
                     *told.get("allOf", ())):  # fmt: skip
            look(each)

    for schema in described["components"]["schemas"].values():
        look(schema)
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                look(parameter["schema"])
    return found


def read() -> dict[str, Any]:
    return json.loads(CONTRACT.read_text())


def write(described: dict[str, Any]) -> None:
    """One operation and one component on a line, so that a difference can be read."""
    told = bare(described)
    lines = [f'{{"openapi": {json.dumps(told["openapi"])}, "info": {json.dumps(told["info"])}, "paths": {{']
    lines += [
        _by_line(told["paths"]),
        "}, " + f'"webhooks": {{{_by_line(told.get("webhooks", {}))}}}, "components": {{',
    ]
    kinds = []
    for kind, components in sorted(told["components"].items()):
        kinds.append(f" {json.dumps(kind)}: {{\n{_by_line(components)}\n }}")
    CONTRACT.write_text("\n".join([*lines, ",\n".join(kinds), "}}"]) + "\n")


def _by_line(named: dict[str, Any]) -> str:
    return ",\n".join(f"  {json.dumps(n)}: {json.dumps(each, sort_keys=True)}" for n, each in sorted(named.items()))


def broken(described: dict[str, Any]) -> list[str]:
    """What stands in the way: each breaking change, or what is new and not yet promised. Empty: all as promised."""
    wrong = [f"api/breaking.py knows nothing of {word!r}" for word in sorted(unknown_words(described))]
    promised = read()
    changes = compare(promised, bare(described), newest().on)
    breaking = [str(change) for change in changes if change.breaks]
    if breaking:
        return [*wrong, *breaking, "Put it back, or offer it beside: how things may leave is in api/lifecycle.py."]
    if changes or promised != bare(described):
        return [*wrong, *map(str, changes), f"contract.json does not promise this yet: {RENEW}"]
    return wrong


def unsaid(changes: list[Change], since: str) -> list[str]:
    """Resources that have changed since a version, of which no entry of the changelog says so."""
    said = {name for entry in entries_since(since) for name in entry.of}
    return [] if EVERYTHING in said else sorted({change.of for change in changes} - said)


def main() -> int:
    from .lint import set_up

    set_up()
    from .schema import document

    described = document()
    if CONTRACT.exists():
        promised = read()
        changes = compare(promised, bare(described), newest().on)
        print("\n".join(map(str, changes)) or "Nothing has changed that a caller could see.")
        if any(change.breaks for change in changes):
            print("Something promised is broken: nothing was renewed.", file=sys.stderr)
            return 1
        missing = unsaid(changes, promised["info"]["version"])
        if missing:
            print(
                f"api/changelog.py has no entry later than {promised['info']['version']} about "
                f"{', '.join(missing)}: write one under a new version.",
                file=sys.stderr,
            )
            return 1
    write(described)
    print(f"contract.json promises version {described['info']['version']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
