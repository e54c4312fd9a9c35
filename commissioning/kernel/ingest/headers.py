"""Find the table in a file: its header row is looked for, never assumed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz import fuzz, process

from commissioning.kernel.ingest.formats import Book, RawSheet

_ROWS_LOOKED_AT: Final = 30
_SPACES: Final = re.compile(r"\s+")
_FOLDED: Final = str.maketrans(
    dict.fromkeys("‘’ʼ´`", "'")
    | dict.fromkeys("“”", '"')
    | dict.fromkeys("–—‐‑", "-")
    | {"\u00a0": " "}
    | dict.fromkeys("\ufeff\u200b\u200c\u200d\u200e\u200f\u00ad")
)
EXTRA: Final = "_extra"
Wanted = Mapping[str, Sequence[str]]


@dataclass
class Sheet:
    """The table found in a sheet.

    `header_row` counts from 1; `columns` maps each key found to its index from 0; `rows` yields (row number
    from 1, cells by key) once, without wholly blank rows. Where a row has more cells than the header has
    names, the key "_extra" lists those that hold something. `missing` are wanted keys without a column. `headings`
    gives each key found as the sender headed it.
    """

    name: str
    header_row: int
    columns: dict[str, int]
    rows: Iterator[tuple[int, dict[str, Any]]]
    unknown_headers: list[str]
    missing: list[str]
    headings: dict[str, str]


@dataclass
class _Candidate:
    sheet: RawSheet
    row: int
    headers: list[str]
    columns: dict[str, int]


def fold(header: object) -> str:
    """Return a heading as it is compared: lower case, one space between words, plain apostrophes."""
    text = str(header).removeprefix("ï»¿").translate(_FOLDED)
    return " ".join(text.split()).lower()


def find_sheet(book: Book, wanted: Wanted, *, required: set[str], name_hint: str | None = None) -> Sheet | None:
    """Return the table whose header row answers to most of `wanted` (key -> accepted headings), or None.

    The first 30 rows of every sheet are looked at; all keys in `required` must be found. Sheets whose name
    contains `name_hint` come before others; then the most columns found; then the earlier sheet.
    """
    complete = _complete(book, wanted, required)
    if not complete:
        return None
    hinted = [found for found in complete if name_hint and fold(name_hint) in fold(found.sheet.name)]
    return _sheet(_fullest(hinted or complete), wanted)


def find_sheets(
    book: Book,
    wanted: Wanted,
    *,
    required: set[str],
    word: str | None = None,
    only_named: bool = False,
    taken: Collection[str] = (),
    like: Mapping[str, str] | None = None,
) -> list[Sheet]:
    """Return every sheet that holds the table, in the book's order; sheets named in `taken` are left out.

    `like` gives some keys a regular expression, matched from the start of a folded heading that no name answers to.

    With a `word`, the sheets whose name holds it are the table's. Where none does, sheets with like headings cannot
    be told apart: the one with the most columns is taken alone, or none with `only_named`.
    """
    complete = [found for found in _complete(book, wanted, required, like) if found.sheet.name not in taken]
    if word:
        named = [found for found in complete if fold(word) in fold(found.sheet.name)]
        complete = named or ([] if only_named or not complete else [_fullest(complete)])
    return [_sheet(found, wanted) for found in complete]


def _complete(
    book: Book, wanted: Wanted, required: set[str], like: Mapping[str, str] | None = None
) -> list[_Candidate]:
    return [found for found in _candidates(book, wanted, like) if required <= found.columns.keys()]


def _fullest(candidates: list[_Candidate]) -> _Candidate:
    return max(candidates, key=lambda found: len(found.columns))


def _sheet(found: _Candidate, wanted: Wanted) -> Sheet:
    used = set(found.columns.values())
    return Sheet(
        name=found.sheet.name,
        header_row=found.row + 1,
        columns=found.columns,
        rows=_rows(found),
        unknown_headers=[name for index, name in enumerate(found.headers) if name and index not in used],
        missing=[key for key in wanted if key not in found.columns],
        headings={key: _SPACES.sub(" ", found.headers[place]).strip() for key, place in found.columns.items()},
    )


def describe_missing(book: Book, wanted: Wanted, required: set[str]) -> str:
    """Say to the sender which columns were not found, where they were looked for, and what came near."""
    candidates = list(_candidates(book, wanted))
    if not candidates:
        return "The file has no rows. Check that the export finished, and send it again."
    best = max(candidates, key=lambda found: (len(required & found.columns.keys()), len(found.columns)))
    lacking = [key for key in wanted if key in required and key not in best.columns]
    place = f"row {best.row + 1} of sheet “{best.sheet.name}”" if book.kind != "csv" else f"row {best.row + 1}"
    unused = {
        fold(name): name for index, name in enumerate(best.headers) if name and index not in best.columns.values()
    }
    near = {key: _near(wanted[key], unused) for key in lacking}
    if not best.columns and not any(near.values()):
        names = ", ".join(f"“{wanted[key][0]}”" for key in lacking)
        return (
            f"No row of headings was found in the first {_ROWS_LOOKED_AT} rows of any sheet. "
            f"The table needs the columns {names}."
        )
    parts = []
    for key in lacking:
        headings = " or ".join(f"“{_SPACES.sub(' ', name).strip()}”" for name in near[key])
        parts.append(f"“{wanted[key][0]}”" + (f" (is it the column headed {headings}?)" if headings else ""))
    return f"The nearest headings are in {place}, but these columns are missing: {'; '.join(parts)}."


def _near(aliases: Sequence[str], unused: dict[str, str]) -> list[str]:
    scores: dict[str, float] = {}
    for alias in aliases:
        for name, score, _ in process.extract(
            fold(alias), list(unused), scorer=fuzz.token_sort_ratio, limit=2, score_cutoff=62
        ):
            scores[name] = max(score, scores.get(name, 0.0))
    return [unused[name] for name in sorted(scores, key=lambda name: -scores[name])[:2]]


def _candidates(book: Book, wanted: Wanted, like: Mapping[str, str] | None = None) -> Iterator[_Candidate]:
    keys = {fold(alias): key for key, aliases in wanted.items() for alias in aliases}
    patterns = [(re.compile(pattern, re.IGNORECASE), key) for key, pattern in (like or {}).items()]
    for sheet in book.sheets:
        best: _Candidate | None = None
        best_rank = (-1, 0)
        above: tuple[Any, ...] = ()
        for index, row in enumerate(sheet.rows[:_ROWS_LOOKED_AT]):
            if not any(cell is not None for cell in row):
                continue
            for names in _readings(row, above):
                columns = _matched(names, keys, patterns)
                # Where nothing matches, the row with most short words is the likely header to name.
                rank = (len(columns), 0 if columns else sum(map(_wordy, names)))
                if rank > best_rank:
                    best_rank, best = rank, _Candidate(sheet, index, names, columns)
            above = row
        if best is not None:
            yield best


def _wordy(name: str) -> bool:
    return 0 < len(name) <= 60 and name[:1].isalpha() and not any(map(str.isdigit, name))


def _readings(row: tuple[Any, ...], above: tuple[Any, ...]) -> Iterator[list[str]]:
    """Yield the names a header row may mean: as it stands, then with its group heading before each name,
    then with names that stand one row higher, as when two rows of headings were merged downwards."""
    plain = ["" if cell is None else str(cell) for cell in row]
    yield plain
    if not any(isinstance(cell, str) for cell in above):
        return
    group, grouped, lifted = "", [], []
    for index in range(max(len(row), len(above))):
        name = plain[index] if index < len(plain) else ""
        top = above[index] if index < len(above) else None
        group = str(top) if top is not None else group
        grouped.append(f"{group} {name}" if group and name else name)
        lifted.append(name or ("" if top is None else str(top)))
    yield lifted
    yield grouped


def _matched(
    names: list[str], keys: dict[str, str], patterns: Sequence[tuple[re.Pattern[str], str]] = ()
) -> dict[str, int]:
    columns: dict[str, int] = {}
    folded = {index: fold(name) for index, name in enumerate(names) if name}
    for index, name in folded.items():
        key = keys.get(name)
        if key is not None:
            columns.setdefault(key, index)
    used = set(columns.values())
    for pattern, key in patterns:
        for index, name in folded.items():
            if key not in columns and index not in used and pattern.match(name):
                columns[key] = index
                used.add(index)
    return columns


def _rows(found: _Candidate) -> Iterator[tuple[int, dict[str, Any]]]:
    keys = list(found.columns)
    places = list(found.columns.values())
    width = max((index + 1 for index, name in enumerate(found.headers) if name), default=0)
    reach = max(places) + 1
    for number, row in enumerate(found.sheet.rows[found.row + 1 :], found.row + 2):
        if not any(cell is not None for cell in row):
            continue
        if len(row) < reach:
            row = row + (None,) * (reach - len(row))
        cells = {key: row[place] for key, place in zip(keys, places, strict=True)}
        if len(row) > width:
            extra = [cell for cell in row[width:] if cell is not None]
            if extra:
                cells[EXTRA] = extra
        yield number, cells
