"""What every list shares: asking, waiting when asked to wait, pages, changes, files. Nothing but Python is needed.

Written by hand; the modules beside it are written from the API's description.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import os
import shutil
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote, urlencode, urljoin, urlsplit

Row = TypeVar("Row", bound=Mapping[str, Any])
Value = str | int | bool | datetime.date | None
LONGEST_WAIT = 300.0  # seconds
BUSY = (429, 502, 503, 504)


class Problem(Exception):
    """The API said no: `detail` is what happened, `remedy` what to do, `request_id` what to name when you ask."""

    def __init__(self, status: int, told: Mapping[str, Any], request_id: str) -> None:
        self.status = status
        self.kind = str(told.get("type", "")).rpartition("#problem-")[2]
        self.title, self.detail, self.remedy = (str(told.get(word, "")) for word in ("title", "detail", "remedy"))
        self.told, self.request_id = told, request_id
        super().__init__(" ".join(filter(None, (f"{status}", self.detail or self.title, self.remedy))))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the service that it is for, and nowhere else."""

    def redirect_request(self, *told: Any) -> None:
        return None


class Connection:
    """One service and one key. `tries`: how often a busy service is asked. `sleep`: how to wait, for tests."""

    def __init__(
        self, address: str, key: str, *, timeout: float = 120, tries: int = 6, sleep: Any = time.sleep
    ) -> None:
        self.root = urljoin(address, "/")
        if urlsplit(self.root).scheme not in ("http", "https"):
            raise ValueError(f"{address!r} is no address: it begins with https://")
        self._key, self.timeout, self.tries, self._sleep = key, timeout, tries, sleep
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __repr__(self) -> str:
        return f"Connection({self.root!r})"  # never the key

    def open(
        self,
        method: str,
        path: str,
        query: Mapping[str, Value] | None = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        body: Any = None,
    ) -> Any:
        """The open answer. `path`: from /, or an address that an answer gave. Raises Problem."""
        url = urljoin(self.root, path)
        if urlsplit(url)[:2] != urlsplit(self.root)[:2]:
            raise ValueError(f"{url} is another service's: the key stays here")
        told = {name: as_text(value) for name, value in (query or {}).items() if value is not None}
        if told:
            url += f"?{urlencode(told)}"
        sent = {"Authorization": f"Bearer {self._key}"} | {n: v for n, v in (headers or {}).items() if v is not None}
        data = None if body is None else json.dumps(body, default=as_text).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        safe = method == "GET" or "Idempotency-Key" in sent
        for attempt in range(1, self.tries + 1):
            request = urllib.request.Request(url, data=data, headers=sent, method=method)
            try:
                return self._opener.open(request, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                with error:
                    said = error.read()
                again = error.code in BUSY if safe else error.code == 429
                if not again or attempt == self.tries:
                    raise _problem(error, said) from None
                self._sleep(_wait(error.headers.get("Retry-After"), attempt))
            except urllib.error.URLError:
                if not safe or attempt == self.tries:
                    raise
                self._sleep(_wait(None, attempt))
        raise AssertionError("a try is the last")

    def json(self, method: str, path: str, query: Mapping[str, Value] | None = None, **more: Any) -> Any:
        with self.open(method, path, query, **more) as answer:
            said = answer.read()
        return json.loads(said) if said.strip() else None


def _problem(error: urllib.error.HTTPError, said: bytes) -> Problem:
    try:
        told = json.loads(said)
    except ValueError:
        told = {}
    return Problem(error.code, told if isinstance(told, dict) else {}, error.headers.get("X-Request-Id", ""))


def _wait(retry_after: str | None, attempt: int) -> float:
    """Seconds: as the header says, in seconds or as a date; without one, longer each time."""
    told = retry_after or ""
    seconds: float
    if told.isdigit():
        seconds = int(told)
    else:
        try:
            seconds = email.utils.parsedate_to_datetime(told).timestamp() - time.time()
        except (TypeError, ValueError):
            seconds = 2.0**attempt
    return min(max(seconds, 0.0), LONGEST_WAIT)


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def new_key() -> str:
    """For Idempotency-Key: a call that is sent again takes effect once."""
    return str(uuid.uuid4())


@dataclass
class Changes(Generic[Row]):
    """What has changed: `told` in the order told, rows and removals; `watermark` for the next time."""

    told: list[Row | Mapping[str, Any]] = field(default_factory=list)
    watermark: str = ""

    @property
    def rows(self) -> list[Row]:
        return [cast(Row, each) for each in self.told if not each.get("deleted")]

    @property
    def removals(self) -> list[Mapping[str, Any]]:
        return [each for each in self.told if each.get("deleted")]


class List(Generic[Row]):
    """A list of the API."""

    path = ""
    limit = 1000

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _pages(self, query: Mapping[str, Value]) -> Iterator[dict[str, Any]]:
        page = self.connection.json("GET", self.path, {**query, "limit": self.limit})
        yield page
        while page["next"]:
            page = self.connection.json("GET", page["next"])
            yield page

    def _rows(self, query: Mapping[str, Value]) -> Iterator[Row]:
        for page in self._pages(query):
            yield from page["results"]

    def _export(self, path: str | os.PathLike[str], query: Mapping[str, Value]) -> str:
        """Writes every row to a file, which is there when it is whole. The watermark; empty where there is none."""
        whole = Path(path)
        part = whole.with_name(f"{whole.name}.part")
        with self.connection.open("GET", self.path, query) as answer, part.open("wb") as out:
            shutil.copyfileobj(answer, out)
            watermark = answer.headers.get("Watermark", "")
        part.replace(whole)
        return str(watermark)


class SyncedList(List[Row]):
    """A list that tells what has changed since."""

    def _changes(self, since: str | datetime.datetime, query: Mapping[str, Value]) -> Changes[Row]:
        made: Changes[Row] = Changes()
        for page in self._pages({**query, "updated_since": since}):
            made.told += page["results"]
            made.watermark = page["watermark"]
        return made

    def _whole(self, query: Mapping[str, Value]) -> tuple[dict[str, Row], str]:
        held: dict[str, Row] = {}
        watermark = ""
        for page in self._pages(query):
            held |= {row["id"]: row for row in page["results"]}
            watermark = page["watermark"]
        return held, watermark


class Copy(Generic[Row]):
    """Rows by id, kept up to date: `refresh()` reads all the first time, and then what has changed. `save` and `load`
    keep it between two runs."""

    def __init__(self, of: SyncedList[Row], **query: Value) -> None:
        self.of, self.query = of, query
        self.rows: dict[str, Row] = {}
        self.watermark = ""

    def refresh(self) -> Changes[Row] | None:
        """What has changed; None the first time."""
        if not self.watermark:
            self.rows, self.watermark = self.of._whole(self.query)
            return None
        changes = self.of._changes(self.watermark, self.query)
        self.apply(changes)
        return changes

    def apply(self, changes: Changes[Row]) -> None:
        for each in changes.told:
            if not each.get("deleted"):
                self.rows[each["id"]] = cast(Row, each)
            elif each["removes"] == "framework":
                gone = each["id"]
                self.rows = {key: row for key, row in self.rows.items() if row.get("framework") != gone}
            else:
                self.rows.pop(each["id"], None)
        self.watermark = changes.watermark

    def save(self, path: str | os.PathLike[str]) -> None:
        told = {"watermark": self.watermark, "rows": list(self.rows.values())}
        new = Path(path).with_name(f"{Path(path).name}.new")
        new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        new.replace(path)

    def load(self, path: str | os.PathLike[str]) -> None:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        self.rows, self.watermark = {row["id"]: row for row in told["rows"]}, told["watermark"]


def segment(value: str) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="")
