"""XML files of records, such as a statutory return: every kind of record becomes a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from commissioning.kernel.ingest.formats import Limits, RawSheet, UnreadableFile

_DEEPEST: Final = 50


@dataclass
class _Open:
    """An element being read: its own leaf values, and those of records that stand above or before it."""

    inherited: dict[str, str | None]
    own: dict[str, str | None] = field(default_factory=dict)
    children: int = 0
    header: tuple[str, dict[str, str | None]] | None = None


@dataclass
class _Table:
    columns: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, str | None]] = field(default_factory=list)


def read_records(path: Path, limits: Limits) -> list[RawSheet]:
    """Return one sheet per kind of record, named by its tag; row 1 holds the names of its values.

    A record is an element whose children hold plain text. It also carries the values of the records that
    enclose it, and of the first record beside it (so that an episode carries the child's reference).
    Raises UnreadableFile for damaged XML, for a DTD or entities, and beyond `limits`.
    """
    tables: dict[str, _Table] = {}
    try:
        _collect(path, tables, limits)
    except DefusedXmlException:
        raise UnreadableFile(
            "The XML file holds definitions (a DTD or entities), which are not accepted. Export it again without them."
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        place = f" near line {line}" if line else ""
        raise UnreadableFile(f"The XML file is damaged or cut short{place}. Export it again.") from None
    if not tables:
        raise UnreadableFile("The XML file holds no records. Check that the export finished, and send it again.")
    return [RawSheet(name=name, rows=_as_rows(table)) for name, table in tables.items()]


def _collect(path: Path, tables: dict[str, _Table], limits: Limits) -> None:
    stack: list[_Open] = []
    count = 0
    for event, element in iterparse(str(path), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            if len(stack) >= _DEEPEST:
                raise UnreadableFile("The XML file is nested too deeply to hold records. Export it again.")
            stack.append(_opened(stack[-1] if stack else None, _local(element.tag)))
            continue
        here = stack.pop()
        tag = _local(element.tag)
        here.own.update({_local(name): value or None for name, value in element.attrib.items()})
        parent = stack[-1] if stack else None
        if not here.children and not element.attrib:
            if parent is not None:
                parent.own[tag] = (element.text or "").strip() or None
        elif here.own:
            if text := (element.text or "").strip():
                here.own[tag] = text
            count += 1
            if count > limits.max_rows:
                raise UnreadableFile(f"The file has more than {limits.max_rows:,} records. Send it in parts.")
            _keep(tables, tag, here, limits)
            # Only below the root: the first of many records there is one of them, not the head of a group.
            if len(stack) > 1 and parent is not None and not parent.own and parent.header is None:
                parent.header = (tag, here.own)
        element.clear()


def _opened(above: _Open | None, tag: str) -> _Open:
    if above is None:
        return _Open({})
    above.children += 1
    inherited = {**above.inherited, **above.own}
    if above.header is not None and above.header[0] != tag:
        inherited.update(above.header[1])
    return _Open(inherited)


def _keep(tables: dict[str, _Table], tag: str, record: _Open, limits: Limits) -> None:
    table = tables.setdefault(tag, _Table())
    row = {
        **record.own,
        **{name: value for name, value in record.inherited.items() if name not in record.own},
    }
    for name in row:
        table.columns.setdefault(name, len(table.columns))
    if len(table.columns) > limits.max_columns:
        raise UnreadableFile(f"The records “{tag}” have more than {limits.max_columns} kinds of value.")
    table.rows.append(row)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def _as_rows(table: _Table) -> list[tuple[str | None, ...]]:
    names = list(table.columns)
    return [tuple(names), *(tuple(row.get(name) for name in names) for row in table.rows)]
