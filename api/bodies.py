"""What a step sends: one small JSON object, of known words. Anything else is refused by name."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from .problems import BadRequest

LARGEST = 20_000  # bytes


def read_body(request: HttpRequest, longest: Mapping[str, int]) -> dict[str, str]:
    """The words sent, by name; what is left out, or null, is not there. `longest`: name -> characters at most."""
    if len(request.body) > LARGEST:
        raise BadRequest(f"The body is larger than {LARGEST} bytes.", "Send less.")
    if not request.body.strip():
        return {}
    try:
        told = json.loads(request.body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest(
            "The body is not JSON, or says a name twice.", f"Send one object: {_example(longest)}"
        ) from None
    if not isinstance(told, dict):
        raise BadRequest("The body is not a JSON object.", f"Send one object: {_example(longest)}")
    for name, value in told.items():
        if name not in longest:
            raise BadRequest(f"{name!r} is nothing that is asked here.", f"Known: {', '.join(longest) or 'nothing'}.")
        if value is not None and not (isinstance(value, str) and "\x00" not in value):
            raise BadRequest(f"{name} is not text.", f"Send one object: {_example(longest)}")
        if value is not None and len(value) > longest[name]:
            raise BadRequest(f"{name} is longer than {longest[name]} characters.", "Say it in fewer.")
    return {name: value for name, value in told.items() if value is not None}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a name twice")
    return told


def _no_number(word: str) -> None:
    raise ValueError(word)


def _example(longest: Mapping[str, int]) -> str:
    return json.dumps({name: "..." for name in longest})
