"""Every row of a selection in one file: csv, ndjson, an Excel workbook or parquet, as the JSON pages show it, some rows
at a time and never all in memory."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain, islice
from typing import IO, Any

from rest_framework import serializers

from commissioning.kernel.exports import CONTENT_TYPE as XLSX
from commissioning.kernel.exports import Notice, SheetOf, guard, left_alone, write_workbook
from commissioning.kernel.tables import Column

from .fields import Field

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": XLSX,
    "parquet": "application/vnd.apache.parquet",
}
# A release package has no media type of the standard's own: with this one it is no page of rows (ocds.py).
MEDIA = {**FORMATS, "json": "application/vnd.ocds.release-package+json"}
TEXTS = ("csv", "ndjson")
GROUP = 20_000  # rows of a parquet file's group, which its reader may take by itself
# A cell of a line as COPY writes it. The library's reader refuses one of more than 131,072 characters.
_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^,"]*))[,\n]')
REMOVAL_COLUMNS = ("deleted", "removes")
PLACES = 4  # of an exact figure in parquet, at least


def write(
    file: IO[bytes], kind: str, blocks: Iterable[list[bytes]], fields: tuple[Field, ...], notice: Notice, *,
    delta: bool, in_cells: bool,
) -> None:  # fmt: skip
    """The rows (a line of JSON each, or `in_cells` of csv, some together in a block) as a file of this `kind`.
    ValueError where a workbook would have more rows than a sheet holds.

    A delta has two columns more, which only removals fill.
    """
    match kind:
        case "ndjson":
            file.writelines(chain.from_iterable(blocks))
        case "csv":
            file.writelines(cells_as_csv(blocks, fields) if in_cells else as_csv(blocks, fields, delta=delta))
        case "xlsx":
            _write_workbook(file, chain.from_iterable(blocks), fields, notice, delta=delta)
        case _:
            _write_parquet(file, chain.from_iterable(blocks), fields, delta=delta)


def as_csv(blocks: Iterable[list[bytes]], fields: tuple[Field, ...], *, delta: bool) -> Iterator[bytes]:
    """A heading and one line for each row; a list within a row is JSON in its cell. Nothing recorded is empty."""
    columns = [field.name for field in fields] + list(REMOVAL_COLUMNS if delta else ())
    yield _lines([columns])
    for block in blocks:
        yield _lines([_cells(json.loads(row), columns) for row in block])


def cells_as_csv(blocks: Iterable[list[bytes]], fields: tuple[Field, ...]) -> Iterator[bytes]:
    """The same bytes as as_csv of the same rows, which here are lines of csv already (fields.row_cells): most blocks
    go as they come, once no cell of them could start a formula."""
    yield _lines([[field.name for field in fields]])
    readers = [_cell_reader(field.schema) for field in fields]
    for block in blocks:
        told = b"".join(block)
        yield told.replace(b"\n", b"\r\n") if _harmless(told) else b"".join(_line(row, readers) for row in block)


def _harmless(lines: bytes) -> bool:
    """A comma or a line end within a cell would stand between quotation marks: every other is between two."""
    return left_alone(lines.replace(b"\n", b","), b",")


def _line(row: bytes, readers: list[Callable[[str], str]]) -> bytes:
    if _harmless(row):
        return row.replace(b"\n", b"\r\n")
    found = [plain or quoted.replace('""', '"') for quoted, plain in _CELL.findall(row.decode())]
    return _lines([[read(value) if value else "" for read, value in zip(readers, found, strict=True)]])


def _cell_reader(schema: serializers.Field) -> Callable[[str], str]:
    """From a value as JSON has it to its cell."""
    if isinstance(schema, serializers.BaseSerializer | serializers.ListField | serializers.JSONField):
        return lambda value: cell(json.loads(value))
    return guard if _python(schema) in (str, Decimal) else str


def cell(value: Any) -> str:
    """A value as text in which no formula starts (`kernel.exports.unguard` takes the apostrophes away again)."""
    kind = type(value)
    if kind is str:
        return guard(value)
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    return guard(_json(value)) if kind is list or kind is dict else str(value)


def _write_workbook(
    file: IO[bytes], rows: Iterable[bytes], fields: tuple[Field, ...], notice: Notice, *, delta: bool
) -> None:  # fmt: skip
    columns = [_column(field) for field in _with_removals(fields, delta)]
    write_workbook(file, [SheetOf(notice.title, columns, (json.loads(row) for row in rows))], notice)


def _column(field: Field) -> Column:
    kinds = {Decimal: "number", int: "number", date: "date", datetime: "instant"}
    read = _reader(field.schema)
    return Column(
        field.name, field.name, value=lambda row: read(row.get(field.name)), missing="",
        kind=kinds.get(_python(field.schema), "text"),
    )  # fmt: skip


def _write_parquet(file: IO[bytes], rows: Iterable[bytes], fields: tuple[Field, ...], *, delta: bool) -> None:
    """Exact figures are decimals, days and moments are such; a list within a row is JSON as text."""
    import pyarrow
    import pyarrow.parquet

    told = _with_removals(fields, delta)
    shape = pyarrow.schema([(field.name, _arrow(pyarrow, field.schema)) for field in told])
    readers = [(field.name, _reader(field.schema)) for field in told]
    source = iter(rows)
    with pyarrow.parquet.ParquetWriter(file, shape, compression="zstd") as out:
        while chunk := [json.loads(row) for row in islice(source, GROUP)]:
            columns = {name: [read(row.get(name)) for row in chunk] for name, read in readers}
            out.write_table(pyarrow.Table.from_pydict(columns, schema=shape))


def _with_removals(fields: tuple[Field, ...], delta: bool) -> tuple[Field, ...]:
    if not delta:
        return fields
    kinds = (serializers.BooleanField(), serializers.CharField())
    return (*fields, *(Field(name, name, kind) for name, kind in zip(REMOVAL_COLUMNS, kinds, strict=True)))


def _python(schema: serializers.Field) -> type:
    for kind, python in (
        (serializers.DecimalField, Decimal), (serializers.DateTimeField, datetime), (serializers.DateField, date),
        (serializers.BooleanField, bool), (serializers.IntegerField, int),
    ):  # fmt: skip
        if isinstance(schema, kind):
            return python
    return str


def _reader(schema: serializers.Field) -> Callable[[Any], Any]:
    """From a value in JSON to one of its own kind; None stays."""
    make: Callable[[Any], Any] = {
        Decimal: Decimal, datetime: datetime.fromisoformat, date: date.fromisoformat, bool: bool, int: int,
    }.get(_python(schema), lambda value: value if isinstance(value, str) else _json(value))  # fmt: skip
    return lambda value: None if value is None else make(value)


def _arrow(pyarrow: Any, schema: serializers.Field) -> Any:
    kind = _python(schema)
    if kind is Decimal:
        return pyarrow.decimal128(28, max(PLACES, getattr(schema, "decimal_places", None) or 0))
    return {
        datetime: pyarrow.timestamp("us", tz="UTC"), date: pyarrow.date32(), bool: pyarrow.bool_(),
        int: pyarrow.int64(),
    }.get(kind, pyarrow.string())  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cells(row: dict[str, Any], columns: list[str]) -> list[str]:
    get = row.get
    return [cell(get(column)) for column in columns]


def _lines(lines: list[list[str]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()
