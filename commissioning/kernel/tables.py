"""A page's table: the same Columns feed the page, the csv and the workbook, so that all three show the same.

`{{ table }}` in a template renders it. Rows are written out in one pass in Python, because a template loop over
every cell of a 50-row table costs more than the query behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import escape, html_safe
from django.utils.safestring import SafeString, mark_safe

from commissioning.kernel import wording

PER_PAGE = 50
AGES = re.compile(r"\d+-\d+")  # "5-10" never breaks across lines
NUMBERED = re.compile(r"[A-Za-z]+ \d+")  # nor does a link of a word and its number, such as "Version 2"
MOST_OFF = 4  # filters that are off and still named in a sentence: more of them say nothing
ROOMY = 11  # columns that a screen holds; more of them stand closer together
STICKY_OVER = 20  # a heading row stays in sight when there are more rows than this
NUMERIC = frozenset({"money", "number", "percent"})
ORDER_WORDS = {
    "money": ("lowest first", "highest first"),
    "number": ("lowest first", "highest first"),
    "percent": ("lowest first", "highest first"),
    "date": ("oldest first", "newest first"),
    "instant": ("oldest first", "newest first"),
}


@dataclass(frozen=True)
class Column:
    """One column of a page's table, of its csv and of its workbook.

    kind: text, money (Decimal pounds), number, percent (61 means 61%), date, instant, tag or yesno.
    value: row -> value; without it row[key] of a mapping, else getattr(row, key).
    """

    key: str
    label: str
    value: Callable[[Any], Any] | None = None
    kind: str = "text"
    unit: str = ""
    link: Callable[[Any], str | None] | None = None
    sort: str | None = None
    whole: bool = False
    missing: str = wording.NOT_RECORDED
    signed: bool = False  # a change: the sign is written, and its direction is spoken

    def of(self, row: Any) -> Any:
        """The raw value of this column in `row`, as exports take it."""
        if self.value is not None:
            return self.value(row)
        return row[self.key] if isinstance(row, Mapping) else getattr(row, self.key)

    @property
    def heading(self) -> str:
        """Label and unit in one line, for exports: "Core 5 to 10 (£ a week)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def text(self, value: Any) -> str:
        """`value` in words, as the page shows it, without markup."""
        if wording.is_missing(value):
            return self.missing
        match self.kind:
            case "money" if "£" in self.unit:  # the unit stands once, in the heading
                return wording.decimal_text(value, 0 if self.whole else 2, signed=self.signed)
            case "money":
                return wording.pounds(value, whole=self.whole, signed=self.signed)
            case "number":
                return wording.number(value, signed=self.signed)
            case "percent":
                return wording.percent(value, signed=self.signed)
            case "date":
                return wording.day(value)
            case "instant":
                return wording.instant(value)
            case "yesno":
                return "Yes" if value else "No"
            case _:
                return str(value)

    def html(self, row: Any) -> str:
        """The escaped content of this column's cell in `row`."""
        value = self.of(row)
        if isinstance(value, wording.Withheld):
            return str(value)
        if wording.is_missing(value):
            content = str(wording.missing(self.missing)) if self.missing else ""
        elif self.kind == "tag":
            content = str(wording.tag(str(value)))
        else:
            content = self._unbroken(escape(self.text(value)))
            if self.signed and value:
                spoken = "up" if value > 0 else "down"
                content = f'<span class="govuk-visually-hidden">{spoken} </span>{content}'
        href = self.link(row) if self.link is not None else None
        return f'<a class="govuk-link" href="{escape(href)}">{content}</a>' if href else content

    def _unbroken(self, content: str) -> str:
        """A date keeps to one line, and so does a time; between the two a line may end."""
        if self.kind == "instant":
            day, at, time = content.partition(" at ")
            return f"{_unbroken(day)} {_unbroken(f'at {time}')}" if at else content
        if self.kind == "date" or (self.link and NUMBERED.fullmatch(content)):
            return _unbroken(content)
        return content


@dataclass(frozen=True)
class EmptyState:
    """What stands where there are no rows: what will appear, why it is empty, and the one thing to do."""

    heading: str
    why: str
    action: str = ""
    href: str = ""


@dataclass(frozen=True)
class Download:
    """A file of exactly what the table shows."""

    text: str
    href: str


def ordering(columns: Sequence[Column], asked: str, default: str = "") -> str:
    """The ordering to sort by: `asked` where a column offers it ("-" in front for descending), else `default`."""
    offered = {column.sort for column in columns if column.sort}
    return asked if asked.removeprefix("-") in offered and not asked.startswith("--") else default


def sort_rows(rows: Iterable[Any], columns: Sequence[Column], sort: str) -> list[Any]:
    """Rows in memory ordered as `sort` says; rows without the value come last in either direction."""
    column = next((c for c in columns if c.sort and c.sort == sort.removeprefix("-")), None)
    if column is None:
        return list(rows)
    known: list[tuple[Any, Any]] = []
    unknown: list[Any] = []
    for row in rows:
        value = column.of(row)
        if wording.is_missing(value) or isinstance(value, wording.Withheld):
            unknown.append(row)
        else:
            known.append((value.casefold() if isinstance(value, str) else value, row))
    known.sort(key=lambda pair: pair[0], reverse=sort.startswith("-"))
    return [row for _, row in known] + unknown


@html_safe
@dataclass
class Table:
    """A table of one page of rows, with its sorting, paging, downloads and empty state.

    rows: all rows (a QuerySet is counted and sliced by the database), or, where `total` is given, this page's rows.
    query: the other parameters of the address ("age=5-10&tier=1"), kept when sorting and paging.
    """

    columns: Sequence[Column]
    rows: Iterable[Any]
    caption: str
    total: int | None = None
    page: int = 1
    sort: str = ""
    query: str = ""
    empty: EmptyState | None = None
    downloads: Sequence[Download] = ()
    noun: tuple[str, str] = ("row", "rows")
    per_page: int | None = PER_PAGE  # None: all on one page
    footer: Any = None  # a row of totals
    cards: bool = True  # on a phone each row becomes a card; False: the table scrolls inside itself
    caption_hidden: bool = False
    compact: bool = False
    level: int = 2  # of its heading

    def __post_init__(self) -> None:
        self.page = max(1, self.page)
        if self.total is not None:
            self.shown = list(self.rows)
        elif hasattr(self.rows, "query") and hasattr(self.rows, "count"):
            self.total = int(self.rows.count())
            self.page = min(self.page, self.pages)
            self.shown = list(self.rows[self._start : self._stop])  # type: ignore[index]
        else:
            everything = self.rows if isinstance(self.rows, list | tuple) else list(self.rows)
            self.total = len(everything)
            self.page = min(self.page, self.pages)
            self.shown = list(islice(everything, self._start, self._stop))

    @classmethod
    def for_request(
        cls,
        request: HttpRequest,
        columns: Sequence[Column],
        rows: Any,
        caption: str,
        *,
        default_sort: str = "",
        **more: Any,
    ) -> Table:
        """A Table with page, sort and kept parameters read from ?page= and ?sort=; rows already ordered."""
        asked = request.GET.copy()
        page, sort = asked.pop("page", ["1"])[-1], asked.pop("sort", [""])[-1]
        return cls(
            columns,
            rows,
            caption,
            page=int(page) if page.isdecimal() else 1,
            sort=ordering(columns, sort, default_sort),
            query=asked.urlencode(),
            **more,
        )

    @property
    def pages(self) -> int:
        if not self.per_page:
            return 1
        return max(1, -(-(self.total or 0) // self.per_page))

    @property
    def _start(self) -> int:
        return (self.page - 1) * (self.per_page or 0)

    @property
    def _stop(self) -> int | None:
        return self._start + self.per_page if self.per_page else None

    def address(self, **parameters: str | int) -> str:
        """A relative address that keeps the filters: "?age=5-10&sort=rate"."""
        changed = urlencode({name: value for name, value in parameters.items() if value not in ("", None)})
        return "?" + "&".join(part for part in (self.query, changed) if part)

    @property
    def summary(self) -> str:
        """How many there are, and which of them this page shows."""
        total = self.total or 0
        counted = f"{total:,} {self.noun[0] if total == 1 else self.noun[1]}"
        if self.pages == 1:
            return counted
        return f"{self._start + 1:,} to {self._start + len(self.shown):,} of {counted}"

    @property
    def sorted_by(self) -> str:
        """What the rows are sorted by, in words; empty where no column says."""
        for column in self.columns:
            if self.sort and column.sort == self.sort.removeprefix("-"):
                return f"sorted by {column.label}, {_order_words(column)[self.sort.startswith('-')]}"
        return ""

    def head(self) -> SafeString:
        return mark_safe("".join(self._heading(column) for column in self.columns))

    def _heading(self, column: Column) -> str:
        role = ' role="columnheader"' if self.cards else ""
        kind = " govuk-table__header--numeric" if column.kind in NUMERIC else ""
        unit = f'<span class="app-table__unit">{escape(column.unit)}</span>' if column.unit else ""
        label, state = AGES.sub(r'<span class="app-table__nowrap">\g<0></span>', escape(column.label)), ""
        if column.sort and self.shown:
            rising, falling = _order_words(column)
            current = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(self.sort, "none")
            state = f' aria-sort="{current}"'
            target = f"-{column.sort}" if current == "ascending" else column.sort
            then = falling if current == "ascending" else rising
            label = (
                f'<a class="app-table__sort" href="{escape(self.address(sort=target))}">{label}'
                f'<span class="govuk-visually-hidden">, sort {then}</span></a>'
            )
        return f'<th scope="col" class="govuk-table__header{kind}"{role}{state}>{label}{unit}</th>'

    def body(self) -> SafeString:
        """Every row as HTML, escaped, in one pass."""
        cells = [self._cell(column, first=index == 0) for index, column in enumerate(self.columns)]
        role = ' role="row"' if self.cards else ""
        opened = f'<tr class="govuk-table__row"{role}>'
        return mark_safe("".join(opened + "".join(cell(row) for cell in cells) + "</tr>" for row in self.shown))

    def foot(self) -> SafeString:
        """The row of totals, where there is one."""
        if self.footer is None:
            return mark_safe("")
        columns = [replace(column, missing="", link=None) for column in self.columns]  # no total is no gap
        cells = "".join(self._cell(c, first=i == 0)(self.footer) for i, c in enumerate(columns))
        role = ' role="row"' if self.cards else ""
        return mark_safe(f'<tr class="govuk-table__row app-table__total"{role}>{cells}</tr>')

    def _cell(self, column: Column, *, first: bool) -> Callable[[Any], str]:
        """A function that writes one column's cell; everything that is the same for all rows is settled here."""
        name, scope, role = ("th", ' scope="row"', "rowheader") if first else ("td", "", "cell")
        kind = " govuk-table__cell--numeric" if column.kind in NUMERIC else ""
        base = "govuk-table__header" if first else "govuk-table__cell"
        label = f' role="{role}" data-label="{escape(column.heading)}"' if self.cards else ""
        opened, closed = f'<{name} class="{base}{kind}"{scope}{label}>', f"</{name}>"
        if self.cards:  # the value stays one box beside its label on a phone
            opened, closed = f'{opened}<span class="app-table__value">', f"</span>{closed}"
        return lambda row: f"{opened}{column.html(row)}{closed}"

    @property
    def sticky(self) -> bool:
        return len(self.shown) > STICKY_OVER

    @property
    def crowded(self) -> bool:
        return len(self.columns) > ROOMY

    def page_links(self) -> list[dict[str, Any]]:
        """Pages to offer: first, last, and those beside this one; an item without a number is a gap."""
        wanted = sorted({1, self.page - 1, self.page, self.page + 1, self.pages} & set(range(1, self.pages + 1)))
        links: list[dict[str, Any]] = []
        for position, number in enumerate(wanted):
            if position and number - wanted[position - 1] > 1:
                links.append({"number": None})
            links.append({"number": number, "href": self.page_address(number), "current": number == self.page})
        return links

    def page_address(self, number: int) -> str:
        return self.address(sort=self.sort, page=number)

    @property
    def previous(self) -> str:
        return self.page_address(self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self.page_address(self.page + 1) if self.page < self.pages else ""

    def render(self) -> SafeString:
        return render_to_string("components/table.html", {"table": self})

    __str__ = render


def _unbroken(content: str) -> str:
    return f'<span class="app-table__nowrap">{content}</span>'


def _order_words(column: Column) -> tuple[str, str]:
    return ORDER_WORDS.get(column.kind, ("A to Z", "Z to A"))


ALL = "all"  # the value of a filter that is off


@dataclass(frozen=True)
class ActiveFilter:
    """One filter that is on, or "all" where it is not: `remove` is the address without it."""

    label: str
    value: str
    remove: str = ""


@html_safe
@dataclass
class FilterSentence:
    """The filters in one line that reads as a sentence: "Lots: all · Age: 5 to 10 · 14 of 27 providers".

    Of many, those that are off are left out: the form below the sentence names them all.
    """

    filters: Sequence[ActiveFilter]
    shown: int
    total: int
    noun: tuple[str, str] = ("row", "rows")
    clear: str = ""

    @property
    def told(self) -> list[ActiveFilter]:
        off = [item for item in self.filters if item.value == ALL]
        return [item for item in self.filters if len(off) <= MOST_OFF or item.value != ALL]

    @property
    def counted(self) -> str:
        noun = self.noun[0] if self.total == 1 else self.noun[1]
        if not self.total:
            return f"no {noun}"
        return f"{self.shown:,} of {self.total:,} {noun}" if self.shown != self.total else f"all {self.total:,} {noun}"

    @property
    def removable(self) -> bool:
        return any(item.remove for item in self.filters)

    def render(self) -> SafeString:
        return render_to_string("components/filter_sentence.html", {"sentence": self})

    __str__ = render
