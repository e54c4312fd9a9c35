"""A whole file as an answer: written to disk from one moment of the database, and then sent for as long as the key is
good. So whoever reads it slowly, or not at all, holds no transaction open."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from itertools import islice
from tempfile import TemporaryFile

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from commissioning.kernel.exports import Notice
from commissioning.partnership.actions.use_key import still_live
from commissioning.partnership.models import ApiKey

from .formats import FORMATS, write
from .paging import one_moment
from .problems import BadRequest
from .resources import Declared

LOOKED_AT_EVERY = 2.0  # seconds
BLOCK = 1000  # rows written together
PIECE = 256 * 1024  # bytes sent together


class KeyEnded(Exception):
    """The key was revoked, or expired, or its maker lost what it reads by, while its file was being sent: the file
    breaks off, and so is no whole one."""


class Told:
    """How many rows are in the file; `stop` breaks it off."""

    rows = 0
    stop: Callable[[], None]

    def in_blocks(self, lines: Iterator[bytes]) -> Iterator[list[bytes]]:
        while block := list(islice(lines, BLOCK)):
            self.rows += len(block)
            yield block


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
    request: Request, declared: Declared, kind: str, lines: Callable[[], Generator[bytes, None, None]],
    door: Callable[[], AbstractContextManager], *, delta: bool, in_cells: bool = False,
) -> StreamingHttpResponse:  # fmt: skip
    """The rows (a line of JSON each; or `in_cells`, of csv) as a file. `lines` and `door` are called after the view
    has returned, when the first byte is asked for."""
    told = Told()
    notice = Notice(title=declared.title, viewer=_viewer(request), made_at=request.auth.now)

    def sent() -> Generator[bytes, None, None]:
        with TemporaryFile() as file:
            with one_moment(), door(), closing(lines()) as read:
                write(file, kind, told.in_blocks(read), declared.fields, notice, delta=delta, in_cells=in_cells)
            file.seek(0)
            yield from while_live(request.auth.key, iter(lambda: file.read(PIECE), b""))

    flow = sent()
    told.stop = flow.close
    answer = StreamingHttpResponse(flow, content_type=FORMATS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{declared.name}.{kind}"'
    answer.told = told
    return answer


def while_live(key: ApiKey | None, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces; KeyEnded within LOOKED_AT_EVERY seconds of the key's end. A signed-in person's have no key."""
    looked_at = time.monotonic()
    for piece in pieces:
        if key is not None and time.monotonic() - looked_at > LOOKED_AT_EVERY:
            if not still_live(key):
                raise KeyEnded(key.prefix)
            looked_at = time.monotonic()
        yield piece


def _viewer(request: Request) -> str:
    key = request.auth.key
    return str(key.authority) if key is not None else request.auth.by.body_name
