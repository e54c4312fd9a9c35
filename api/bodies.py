"""What a call sends: JSON that says one thing, of known names. Anything else is refused by name."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from .problems import BadRequest, TooLarge

LARGEST = 1_000_000  # bytes
LARGEST_STEP = 20_000
DEEPEST = 20


def read_body(request: HttpRequest, longest: Mapping[str, int]) -> dict[str, str]:
    """The words sent, by name; what is left out, or null, is not there. `longest`: name -> characters at most."""
    if not _bytes(request, LARGEST_STEP).strip():
        return {}
    told = read_json(request, _example(longest), LARGEST_STEP)
    for name, value in told.items():
        if name not in longest:
            raise BadRequest(f"{name!r} is nothing that is asked here.", f"Known: {', '.join(longest) or 'nothing'}.")
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"{name} is not text.", f"Send one object: {_example(longest)}")
        if value is not None and len(value) > longest[name]:
            raise BadRequest(f"{name} is longer than {longest[name]} characters.", "Say it in fewer.")
    return {name: value for name, value in told.items() if value is not None}


def read_json(request: HttpRequest, example: str, largest: int = LARGEST) -> dict[str, Any]:
    """The object sent; numbers with a point are Decimal. TooLarge beyond `largest` bytes; BadRequest for what is no
    JSON object, is nested deeper than DEEPEST, says a name twice, or holds NaN, Infinity or a NUL character."""
    sent = _bytes(request, largest)
    try:
        told = json.loads(sent, object_pairs_hook=_once, parse_constant=_no_number, parse_float=Decimal)
        _look_through(told)
    except _Refused as refused:
        raise BadRequest(str(refused), f"Send one object: {example}") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise BadRequest("The body is not JSON, or says a name twice.", f"Send one object: {example}") from None
    if not isinstance(told, dict):
        raise BadRequest("The body is not a JSON object.", f"Send one object: {example}")
    return told


class _Refused(ValueError):
    pass


def _bytes(request: HttpRequest, largest: int) -> bytes:
    try:
        sent = request.body
    except RequestDataTooBig:
        raise TooLarge(f"The body is larger than {largest:,} bytes.") from None
    if len(sent) > largest:
        raise TooLarge(f"The body is larger than {largest:,} bytes.")
    return sent


def _look_through(told: Any) -> None:
    """Level by level, so that no depth of nesting can be too deep to look at."""
    level, depth = [told], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _Refused(f"The body is nested deeper than {DEEPEST} levels.")
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                _must_be_text(each)
            elif isinstance(each, dict):
                for name in each:
                    _must_be_text(name)
                below += each.values()
            elif isinstance(each, list):
                below += each
        level = below


def _must_be_text(word: str) -> None:
    if "\x00" in word:
        raise _Refused("The body holds a NUL character.")
    try:
        word.encode()
    except UnicodeEncodeError:
        raise _Refused("The body holds half a character (a lone surrogate).") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise _Refused("The body says a name twice.")
    return told


def _no_number(word: str) -> None:
    raise _Refused(f"{word} is no number.")


def _example(longest: Mapping[str, int]) -> str:
    return json.dumps({name: "..." for name in longest})
