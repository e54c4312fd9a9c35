"""Conditional requests: a row's tag, a page's tag, and what If-None-Match and If-Match ask (RFC 9110)."""

import re
from collections.abc import Sequence
from hashlib import blake2b

from django.http import HttpResponse
from rest_framework.request import Request

from .problems import BadRequest, Changed, NoVersion

THE_WHOLE_TAG = 'Send the tag that the row came with, from its header ETag, as "3-0f4c3a1b5d6e7f8091a2b3c4".'
TAG = r'"[0-9]{1,9}(-[0-9a-f]{24})?"'  # the version, and what the row says


def tag_of_row(version: int, told: str) -> str:
    """The strong tag of a row as told: its version, and a digest of every byte, as parts of a row change without it."""
    return f'"{version}-{_digest([told])}"'


def tag_of_page(rows: Sequence[str], *, last: bool) -> str:
    """The weak tag of a page: of its rows, and whether it is the last, so that nobody who holds it misses the next. Not
    of the watermark beside them, which moves with every write anywhere."""
    return f'W/"{_digest([*rows, "" if last else "next"])}"'


def unless_held(request: Request, tag: str, answer: HttpResponse) -> HttpResponse:
    """The answer with its tag; 304 without a body where If-None-Match says that the caller holds it already."""
    held = request.headers.get("If-None-Match", "")
    known = {each.strip().removeprefix("W/") for each in held.split(",")}
    if tag.removeprefix("W/") in known or held.strip() == "*":
        answer = HttpResponse(status=304)
        del answer["Content-Type"]
    answer["ETag"] = tag
    if request.auth.key is not None:  # a browser of a person keeps nothing
        # Kept by the caller, and asked about each time: what may be seen can change without the row.
        answer["Cache-Control"] = "private, no-cache"
    return answer


def version_named(request: Request) -> tuple[int, str]:
    """What If-Match names: (version, the whole tag). NoVersion where it is missing; BadRequest for what is no tag."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise NoVersion("A row is changed as you have seen it: If-Match names its version.")
    if not re.fullmatch(TAG, given, re.ASCII):
        raise BadRequest("If-Match is no version of a row.", THE_WHOLE_TAG)
    return int(given.strip('"').partition("-")[0]), given


def must_be_unchanged(request: Request, tag: str) -> None:
    """Changed where the row, locked, is not what If-Match names; BadRequest for the version alone, which is not
    enough: see tag_of_row."""
    version, named = version_named(request)
    if named == f'"{version}"':
        raise BadRequest("If-Match names the version alone, and parts of a row change without it.", THE_WHOLE_TAG)
    if named != tag:
        raise Changed("The row is not as If-Match names it any more.")


def _digest(told: Sequence[str]) -> str:
    made = blake2b(digest_size=12)
    for each in told:
        made.update(each.encode())
        made.update(b"\n")
    return made.hexdigest()
