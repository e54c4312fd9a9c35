"""A whole file as an answer: sent as it is read, from one moment of the database, for as long as the key is good."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from commissioning.kernel.exports import Notice
from commissioning.partnership.actions.use_key import still_live
from commissioning.partnership.models import ApiKey

from .formats import FORMATS, cells_as_csv, written
from .paging import one_moment
from .problems import BadRequest
from .resources import Declared

LOOKED_AT_EVERY = 2.0  # seconds
ROWS_BETWEEN = 500


class KeyEnded(Exception):
    """The key was revoked, or expired, or its maker lost what it reads by, while its file was being sent: the file
    breaks off, and so is no whole one."""


class Told:
    """How many rows have gone so far; `stop` breaks the file off, and shuts the door that it keeps open."""

    rows = 0
    stop: Callable[[], None]

    def counted(self, rows: Iterable[str]) -> Iterator[str]:
        for row in rows:
            self.rows += 1
            yield row


def kind_asked(given: Mapping[str, str], declared: Declared) -> str:
    """The format asked for. BadRequest for one that is unknown, or asked a page at a time."""
    kind = given["format"]
    if kind not in declared.formats:
        known = ", ".join(declared.formats)
        raise BadRequest(f"format {kind!r} is not known.", f"Use {known}, or leave it out for JSON pages.")
    if "limit" in given or "cursor" in given:
        raise BadRequest(f"A {kind} answer is whole: it takes no limit and no cursor.", "Leave them out.")
    return kind


def as_file(
    request: Request, declared: Declared, kind: str, rows: Callable[[], Iterable[str]],
    door: Callable[[], AbstractContextManager], *, delta: bool, in_cells: bool = False,
) -> StreamingHttpResponse:  # fmt: skip
    """The rows (each as JSON; or `in_cells`, see row_cells) as a file. `rows` and `door` are called after the view has
    returned: the door stays open for as long as it sends."""
    told = Told()
    notice = Notice(title=declared.title, viewer=_viewer(request), made_at=request.auth.now)

    def sent() -> Generator[bytes, None, None]:
        with one_moment(), door():
            source = told.counted(while_live(request.auth.key, rows()))
            if in_cells:
                yield from cells_as_csv(source, declared.fields)
            else:
                yield from written(kind, source, declared.fields, notice, delta=delta)

    flow = sent()
    told.stop = flow.close
    answer = StreamingHttpResponse(flow, content_type=FORMATS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{declared.name}.{kind}"'
    answer.told = told
    return answer


def while_live(key: ApiKey | None, rows: Iterable[str]) -> Iterator[str]:
    """The rows; KeyEnded within LOOKED_AT_EVERY seconds of the key's end. A signed-in person's have no key."""
    looked_at = time.monotonic()
    for number, row in enumerate(rows):
        if key is not None and number % ROWS_BETWEEN == 0 and time.monotonic() - looked_at > LOOKED_AT_EVERY:
            if not still_live(key):
                raise KeyEnded(key.prefix)
            looked_at = time.monotonic()
        yield row


def _viewer(request: Request) -> str:
    key = request.auth.key
    return str(key.authority) if key is not None else request.auth.by.body_name
