"""JSON files of records: every list of records becomes a sheet, for sources that take JSON (source.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn

from commissioning.kernel.ingest.formats import MEGABYTE, Limits, RawSheet, UnreadableFile

BETWEEN: Final = "; "  # what stands between the values of a list in one cell
_MOST_BYTES: Final = 32 * MEGABYTE  # read whole, and many times as large once it is
_DEEPEST: Final = 6
_LONGEST_TEXT: Final = 32_767  # what a cell of a workbook holds: a row that is refused goes back in one
_LONGEST_NUMBER: Final = 20  # figures: no amount, date or identifier has more
_AGAIN: Final = "Export it again."


def read_json(path: Path, limits: Limits) -> list[RawSheet]:
    """One sheet for each list of records, named by its key (`records` where the file is the list itself): row 1 holds
    the names, record n stands in row n + 1. A record's own records give names with a dot (`Risks.riskMissing`), its
    lists of values one cell. Values that stand beside the lists (`metadata`) are a sheet of one record.

    Numbers come as text or whole numbers, true and false as those words. Raises UnreadableFile for damaged JSON, a name
    that stands twice in one record, NaN or infinity, records nested too deeply, and beyond `limits`.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise UnreadableFile(
            f"The JSON file is larger than {_MOST_BYTES // MEGABYTE} MB. Send it in parts, for example by half year."
        )
    told = _parsed(path.read_bytes())
    sheets = [_sheet(name, records, limits) for name, records in _lists(told)]
    if not sheets:
        raise UnreadableFile(
            "The JSON file holds no list of records. Check that the export finished, and send it again."
        )
    return sheets


def _parsed(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("The JSON file is not in UTF-8, as JSON must be. Export it again as UTF-8.") from None
    try:
        return json.loads(
            text, parse_constant=_not_a_number, parse_float=_number, parse_int=_whole, object_pairs_hook=_record
        )
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"The JSON file is damaged or cut short near line {error.lineno}, column {error.colno}. {_AGAIN}"
        ) from None
    except RecursionError:
        raise UnreadableFile(_TOO_DEEP) from None


_TOO_DEEP = f"The JSON file is nested too deeply to hold records. {_AGAIN}"


def _not_a_number(word: str) -> NoReturn:
    raise UnreadableFile(f"The JSON file holds {word}, which is no number. Leave the value out, and send it again.")


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise UnreadableFile(f"The JSON file holds a number of {len(digits):,} figures. {_AGAIN}")
    return int(digits)


def _number(digits: str) -> str:
    """As it is written out: 1.5e3 is 1500, and 12.50 keeps its nought."""
    number = Decimal(digits)
    if len(digits) > 2 * _LONGEST_NUMBER or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise UnreadableFile(f"The JSON file holds the number {digits[:40]}, which is too long or too large. {_AGAIN}")
    return f"{number:f}"


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in pairs:
        if name in told:
            raise UnreadableFile(
                f"The name “{_short(name)}” stands twice in one record of the JSON file: nobody can say which value "
                "holds. Leave one of them out, and send it again."
            )
        told[name] = value
    return told


def _lists(told: Any) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(told, list):
        yield "records", told
        return
    if not isinstance(told, dict):
        return
    beside = {name: value for name, value in told.items() if not isinstance(value, dict | list)}
    for name, value in told.items():
        if isinstance(value, list):
            yield name, value
        elif isinstance(value, dict):
            yield name, [{key: part for key, part in value.items() if not isinstance(part, dict | list)}]
    if beside:
        yield "values", [beside]


def _sheet(name: str, records: list[Any], limits: Limits) -> RawSheet:
    if len(records) >= limits.max_rows:
        raise UnreadableFile(f"The file has more than {limits.max_rows:,} records. Send it in parts.")
    columns: dict[str, int] = {}
    rows = []
    for number, record in enumerate(records, start=1):
        where = f"Record {number:,} of “{_short(name)}”"
        if not isinstance(record, dict):
            raise UnreadableFile(f"{where} is not a record of names and values. {_AGAIN}")
        cells = dict(_cells(record, "", where, 1))
        for heading in cells:
            columns.setdefault(heading, len(columns))
        if len(columns) > limits.max_columns:
            raise UnreadableFile(f"The records of “{_short(name)}” have more than {limits.max_columns} names.")
        rows.append(cells)
    if len(rows) * max(len(columns), 1) > limits.max_cells:
        raise UnreadableFile(f"The file has more than {limits.max_cells:,} values. Send it in parts.")
    names = list(columns)
    return RawSheet(
        name=_short(name) or "records", rows=[tuple(names), *(tuple(map(cells.get, names)) for cells in rows)]
    )


def _cells(record: dict[str, Any], above: str, where: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        raise UnreadableFile(f"{where}: {_TOO_DEEP}")
    for name, value in record.items():
        heading = _text(f"{above}{name}", where)
        if isinstance(value, dict):
            yield from _cells(value, f"{heading}.", where, depth + 1)
        elif isinstance(value, list):
            if any(isinstance(part, dict | list) for part in value):
                raise UnreadableFile(f"{where}: “{_short(heading)}” holds a list of records, where values belong.")
            yield heading, BETWEEN.join(str(_cell(part, where)) for part in value if part is not None) or None
        else:
            yield heading, _cell(value, where)


def _cell(value: Any, where: str) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value, where) or None if isinstance(value, str) else value


def _text(text: str, where: str) -> str:
    """Text that a database can keep: JSON may spell halves of characters, and the empty one."""
    if len(text) > _LONGEST_TEXT:
        raise UnreadableFile(
            f"{where} holds a text of {len(text):,} characters, from “{text[:20]}” on: shorten it to "
            f"{_LONGEST_TEXT:,}, and send the file again."
        )
    if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise UnreadableFile(f"{where} holds characters that are no text (\\u0000, or half of a pair). {_AGAIN}")
    return text


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
