"""Rows on their way in: parsed cell by cell, copied to a temporary table, judged set-wise.

Each staged table has `sheet`, `row`, `ok` and one column for each field. read = accepted + rejected is asserted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections

from .dates import as_date, date_order
from .formats import Book, UnreadableFile
from .headers import Sheet, describe_missing, find_sheets, fold
from .parsed import CellError, Parsed
from .restricted import ENTER_AGAIN, NOT_KEPT, masked, without_values
from .source import DATE, Field, Source, Table

TEXTS_REMEMBERED = 20_000  # of one column


class RowsLost(Exception):
    """Some rows were neither accepted nor rejected: the import is rolled back rather than loaded short."""


@dataclass(frozen=True)
class Remark:
    outcome: str  # corrected | rejected | noted
    sheet: str
    row: int
    column: str
    says: str


@dataclass
class SheetCount:
    table: Table
    name: str
    header_row: int
    not_understood: list[str]
    read: int = 0
    accepted: int = 0
    corrected: int = 0
    rejected: int = 0


@dataclass
class Staging:
    """What a source's check and load work with. `run_id` is written on every fact; `said` is for a source's own use."""

    source: Source
    book: Book
    file_name: str
    run_id: int
    authority_id: int | None
    today: date
    using: str = "default"
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None
    now: datetime | None = None  # the moment of the import, where a fact says since when it is known
    sheets: list[SheetCount] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    _sent: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)
    _unread: set[tuple[str, int, str]] = field(default_factory=set)
    # Of each table's sheets: a column's key or any of its headings -> the heading that the sender gave it.
    _headings: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _columns: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _passing: dict[str, set[str]] = field(default_factory=dict)  # sheet -> keys of cells that are not kept
    _restricted: dict[str, set[str]] = field(default_factory=dict)  # sheet -> headings of cells that nobody is shown

    def has(self, table_key: str) -> bool:
        """Whether the file holds this table."""
        return table_key in self._found

    def columns_of(self, table_key: str) -> set[str]:
        """The keys of the columns that the table's sheets have, in any of them."""
        return set().union(*(found for (table, _), found in self._columns.items() if table == table_key))

    def execute(self, statement: str, parameters: Any = None) -> int:
        """Runs one statement; returns how many rows it touched."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.rowcount

    def rows(self, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()

    def reject(self, table: str, where: str, says: str, *, column: str = "", joins: str = "", **parameters: Any) -> int:
        """Refuses staged rows `s` where the condition holds. `says` is an SQL text expression; each row keeps every
        reason it was refused for."""
        return self._judge("rejected", table, where, says, column, joins, parameters)

    def note(self, table: str, where: str, says: str, *, column: str = "", joins: str = "", **parameters: Any) -> int:
        """Accepts the rows, and says what somebody should look at."""
        return self._judge("noted", table, where, says, column, joins, parameters)

    def correct(
        self, table: str, where: str, says: str, *, column: str = "", joins: str = "", **parameters: Any
    ) -> int:
        """Says what the load changed in a row."""
        return self._judge("corrected", table, where, says, column, joins, parameters)

    def _judge(
        self, outcome: str, table: str, where: str, says: str, column: str, joins: str, parameters: dict[str, Any]
    ) -> int:
        found = self.rows(f"SELECT s.sheet, s.row, {says} FROM staged_{table} AS s {joins} WHERE {where}", parameters)
        for sheet, row, text in found:
            heading = self._headings.get((table, sheet), {}).get(fold(column), column)
            # A cell that could not be read is not said to be missing as well.
            if (sheet, row, heading) not in self._unread:
                text = without_values(text) if heading in self._restricted.get(sheet, ()) else text
                self.remarks.append(Remark(outcome, sheet, row, heading, text))
        if outcome == "rejected" and found:
            self.execute(
                f"UPDATE staged_{table} AS s SET ok = false FROM unnest(%s::text[], %s::int[]) AS bad (sheet, row) "
                "WHERE s.sheet = bad.sheet AND s.row = bad.row",
                ([sheet for sheet, _, _ in found], [row for _, row, _ in found]),
            )
        return len(found)

    def stage(self) -> None:
        """Finds each table in the book and copies its rows, of every sheet that holds it. Raises UnreadableFile
        where one is missing."""
        taken: set[str] = set()  # rows and remarks are told apart by sheet, so that no two tables share one
        for table in self.source.tables:
            sheets = self._find(table, taken)
            if not sheets:
                continue
            self._found.add(table.key)
            self._make(table)
            for sheet in sheets:
                taken.add(sheet.name)
                self._copy(table, sheet)
            self.execute(f"ANALYZE {table.staged}")

    def stand_in(self, table: Table) -> None:
        """An empty staged table in place of one that the file does not hold, for rows that are joined to it."""
        if not self.has(table.key):
            self._make(table)

    def settle(self) -> None:
        """Counts every sheet and asserts that no row was lost."""
        refused = {(remark.sheet, remark.row) for remark in self.remarks if remark.outcome == "rejected"}
        corrected = {(remark.sheet, remark.row) for remark in self.remarks if remark.outcome == "corrected"} - refused
        for count in self.sheets:
            (accepted,) = self.rows(
                f"SELECT count(*) FROM {count.table.staged} WHERE ok AND sheet = %s", (count.name,)
            )[0]
            count.accepted = accepted
            count.rejected = sum(1 for sheet, _ in refused if sheet == count.name)
            count.corrected = sum(1 for sheet, _ in corrected if sheet == count.name)
            if count.read != count.accepted + count.rejected:
                raise RowsLost(
                    f"{count.name}: {count.read} rows were read, {count.accepted} accepted "
                    f"and {count.rejected} rejected"
                )

    def cells_sent(self, sheet: str, row: int) -> dict[str, Any]:
        """A row as it was sent, by heading, for the workbook that goes back. Of restricted cells: that they came."""
        hidden = self._restricted.get(sheet, set())
        return {
            heading: masked(cell) if heading in hidden else _shown(cell)
            for heading, cell in self._sent.get((sheet, row), {}).items()
        }

    def _find(self, table: Table, taken: set[str]) -> list[Sheet]:
        wanted = {field.key: field.headings for field in table.fields}
        needed = {field.key for field in table.fields if field.needed}
        # An optional table is never another sheet that happens to have the same headings.
        sheets = find_sheets(
            self.book, wanted, required=needed, word=table.sheet, only_named=table.optional, taken=taken,
            like={field.key: field.like for field in table.fields if field.like},
        )  # fmt: skip
        if not sheets and not table.optional:
            raise UnreadableFile(describe_missing(self.book, wanted, needed))
        return sheets

    def _make(self, table: Table) -> None:
        columns = ", ".join(f'"{field.key}" {field.column}' for field in table.fields)
        self.execute(f"DROP TABLE IF EXISTS {table.staged}")
        self.execute(
            f"CREATE TEMPORARY TABLE {table.staged} "
            f"(sheet text NOT NULL, row int NOT NULL, ok boolean NOT NULL, {columns}) ON COMMIT DROP"
        )

    def _copy(self, table: Table, sheet: Sheet) -> None:
        rows = list(sheet.rows)
        count = SheetCount(table, sheet.name, sheet.header_row, sheet.unknown_headers, read=len(rows))
        self.sheets.append(count)
        self._headings[table.key, sheet.name] = {
            fold(name): sheet.headings.get(each.key, each.heading)
            for each in table.fields
            for name in (each.key, *each.headings)
        }
        self._columns[table.key, sheet.name] = set(sheet.columns)
        self._passing[sheet.name] = {each.key for each in table.fields if each.passing}
        self._restricted[sheet.name] = {
            sheet.headings.get(each.key, each.heading) for each in table.fields if each.restricted
        }
        names = ", ".join(["sheet", "row", "ok", *(f'"{field.key}"' for field in table.fields)])
        with (
            connections[self.using].cursor() as cursor,
            cursor.copy(f"COPY {table.staged} ({names}) FROM STDIN") as copy,
        ):
            for staged in self._parsed(table, sheet, rows):
                copy.write_row(staged)
        self.progress(f"Reading {table.holds}", len(rows), len(rows))

    def _parsed(self, table: Table, sheet: Sheet, rows: list[tuple[int, dict[str, Any]]]) -> Iterator[tuple[Any, ...]]:
        readers = [(field, _remembering(_reader(field, rows))) for field in table.fields]
        for index, (number, cells) in enumerate(rows):
            if index % 5000 == 0:
                self.progress(f"Reading {table.holds}", index, len(rows))
            values: list[Any] = [sheet.name, number, True]
            remarks_before = len(self.remarks)
            for each, read in readers:
                heading = sheet.headings.get(each.key, each.heading)
                values.append(self._cell(each, read, cells.get(each.key), sheet.name, number, heading))
            if len(self.remarks) > remarks_before:
                self._sent[sheet.name, number] = _by_heading(sheet, cells)
                if any(remark.outcome == "rejected" for remark in self.remarks[remarks_before:]):
                    values[2] = False
            yield tuple(values)
        # Rows judged later are shown as sent too: keep what memory already holds.
        self.said.setdefault("rows", {})[sheet.name] = (sheet, dict(rows))

    def _cell(self, each: Field, read: Callable[[Any], Parsed], cell: Any, sheet: str, row: int, heading: str) -> Any:
        if each.restricted and type(cell) is str and cell.strip() == NOT_KEPT:  # a workbook of rejects, as it went out
            self._refuse(sheet, row, heading, ENTER_AGAIN)
            return None
        try:
            value, note = read(cell)
        except CellError as problem:
            says = str(problem)
            self._refuse(sheet, row, heading, without_values(says) if each.restricted else says)
            return None
        if value is None and each.filled:
            self._refuse(sheet, row, heading, "this cell is empty: every row needs one")
        elif note:
            note = without_values(note) if each.restricted else note
            self.remarks.append(Remark("corrected", sheet, row, heading, note))
        return value

    def _refuse(self, sheet: str, row: int, heading: str, says: str) -> None:
        self.remarks.append(Remark("rejected", sheet, row, heading, says))
        self._unread.add((sheet, row, heading))

    def keep_rows_of_remarks(self) -> None:
        """So that cells_sent knows every row that was remarked on, set-wise checks included. Cells that are not kept
        are forgotten, but for those of rejected rows."""
        for name, (sheet, rows) in self.said.pop("rows", {}).items():
            for remark in self.remarks:
                if remark.sheet == name and remark.row in rows:
                    self._sent.setdefault((name, remark.row), _by_heading(sheet, rows[remark.row]))
            passing = {sheet.headings[key] for key in self._passing[name] & sheet.headings.keys()}
            refused = {remark.row for remark in self.remarks if remark.sheet == name and remark.outcome == "rejected"}
            for (of, row), cells in self._sent.items():
                if passing and of == name and row not in refused:
                    self._sent[of, row] = {heading: cell for heading, cell in cells.items() if heading not in passing}


def _reader(each: Field, rows: list[tuple[int, dict[str, Any]]]) -> Callable[[Any], Parsed]:
    if each.read is not DATE:
        return each.read  # type: ignore[return-value]
    order = date_order(cells.get(each.key) for _, cells in rows)
    return lambda cell: as_date(cell, order)


def _remembering(read: Callable[[Any], Parsed]) -> Callable[[Any], Parsed]:
    """Cells of a column are much alike, and a reader looks at nothing but its cell: each text is read once."""
    known: dict[str | None, Parsed] = {}

    def remembered(cell: Any) -> Parsed:
        if cell is not None and type(cell) is not str:
            return read(cell)  # 1, 1.0 and True are alike as keys
        found = known.get(cell)
        if found is None:
            found = read(cell)
            if len(known) < TEXTS_REMEMBERED:
                known[cell] = found
        return found

    return remembered


def _by_heading(sheet: Sheet, cells: dict[str, Any]) -> dict[str, Any]:
    return {heading: cells.get(key) for key, heading in sheet.headings.items()}


def _shown(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str | int | float | bool) else str(cell)
