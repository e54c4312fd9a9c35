"""What each file of a return would hold of the authority's own homes: how complete it is, and what to do about it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.periods import financial_year
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.rules.terms import add_months

from ..measures.returns import LAYOUTS, rows_of
from ..rules.completeness import LEFT_OUT, Completeness, Said, Share, completeness
from ..rules.layouts import Layout
from .return_gaps import what_to_do

NOUN = ("column", "columns")
SHOWN = {"gaps": "with gaps", "asked": "that every row should have", "all": "all"}
HOLDS = {
    "census": "One row for each home on the day, with its weekly price that day and who pays it. No date of birth.",
    "liia": (
        "One row for each home of the financial year up to and with the day. Its total is what its cost lines have "
        "accrued from 1 April, or from their first day, to the end of the day: amount × days ÷ 7, rounded once for "
        "each line. What nobody else is recorded as paying is social care’s."
    ),
    "standard": (
        "One record for each home on the day, with the referral that it was found by. Searches without a home are not "
        "in it: every record of the standard has a placement. A child is a number that means nothing outside the file. "
        "The weekly cost is in whole pounds, as the standard has it."
    ),
}  # fmt: skip
BACK_IN = {
    "census": "The file comes back in under Imports, as placements: rows in which nothing was changed change nothing.",
    "standard": "The standard has no first day of a home: loaded where a home is not recorded, it begins on the day of "
    "its data entry.",
}  # fmt: skip
_OTHER = "A code that a list has no honest word for is left empty and counted as not said. Nothing is guessed."


@allowed("returns")
def return_contents(request: HttpRequest) -> HttpResponse:
    """Counts alone: no row of a child is shown, so that nothing is written down as taken."""
    today = timezone.localdate()
    days = _days(today)
    questions = [
        Question("layout", "Return", {key: each.label for key, each in LAYOUTS.items()}, default="standard_v2",
                 always=True),
        Question("as_at", "As at", {day.isoformat(): wording.day(day) for day in days}, default=today.isoformat(),
                 always=True),
        Question("columns", "Columns", SHOWN, _shown, default="gaps", always=True),
    ]  # fmt: skip
    answers = {each.name: each.answer(request.GET) for each in questions}
    layout, as_at = LAYOUTS[answers["layout"]], date.fromisoformat(answers["as_at"])
    told = completeness(layout, rows_of(layout, as_at, request.user.authority))
    asked = ask(request.GET, questions, told.columns if told.rows else ())
    columns = _columns(layout)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(told.columns) if told.rows else 0, NOUN, request.path)
    title = f"{layout.label}: how complete"
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Column by column", noun=NOUN, per_page=None,
        downloads=downloads(request) if rows else (), empty=_nothing(told),
    )  # fmt: skip
    return render(request, "contracts/return_contents.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "answer": _answer(told, as_at),
        "sections": _sections(told), "holds": HOLDS[layout.family], "other": _OTHER, "left_out": _left_out(layout),
        "back": [BACK_IN["census"], *([BACK_IN["standard"]] if layout.family == "standard" else [])],
        "layout": layout, "as_at": as_at,
    })  # fmt: skip


def _shown(row: Said, value: str) -> bool:
    return value == "all" or row.column.needed and (value == "asked" or row.missing > 0)


def _nothing(told: Completeness) -> EmptyState:
    if told.rows:
        return EmptyState("No column has a gap", "Every row says all that this layout asks of every row.")
    return EmptyState("No home to tell of", "No home is recorded for these days: choose another day.")


def _days(today: date) -> list[date]:
    """Today, and the last days of the months gone by, back to the end of the financial year before the last."""
    first = add_months(financial_year(today).starts_on, -12)
    ends, day = [], today.replace(day=1)
    while day >= first:
        ends.append(date.fromordinal(day.toordinal() - 1))
        day = add_months(day, -1)
    return [today, *ends]


def _answer(told: Completeness, as_at: date) -> str:
    if not told.rows:
        return f"No home of the authority would be in the file of {wording.day(as_at)}."
    homes = "1 home" if told.rows == 1 else f"{told.rows:,} homes"
    share = told.overall
    return (
        f"{share.per_cent}% complete on {wording.day(as_at)}: of {homes}, {share.said:,} of {share.of:,} cells that "
        "every row should have are filled."
    )


def _sections(told: Completeness) -> Table | None:
    if not told.sections or not told.rows:
        return None
    columns = [
        Column("name", "Section", value=lambda share: _spaced(share.name)),
        Column("per_cent", "Complete", kind="percent"), Column("said", "Filled", kind="number"),
        Column("of", "Of", kind="number"),
    ]  # fmt: skip
    shares: list[Share] = list(told.sections)
    return Table(columns, shares, "Section by section", per_page=None, noun=("section", "sections"))


def _columns(layout: Layout) -> list[Column]:
    named = [Column("section", "Section", value=lambda row: _spaced(row.column.section))] if _parts(layout) else []
    return [
        *named,
        Column("column", "Column", value=lambda row: row.column.heading.rpartition(".")[2]),
        Column("needed", "Every row should say it", kind="yesno", value=lambda row: row.column.needed),
        Column("said", "Filled", kind="number", sort="said"), Column("of", "Of", kind="number"),
        Column("missing", "Empty", kind="number", sort="missing"),
        Column("do", "What to do", value=_do, missing=""),
    ]  # fmt: skip


def _parts(layout: Layout) -> bool:
    return any(column.section for column in layout.columns)


def _do(row: Said) -> str:
    return (row.left_out or what_to_do(row.column.key)) if row.missing else ""


def _left_out(layout: Layout) -> list[str]:
    """Columns that are empty on purpose, and why."""
    found: dict[str, list[str]] = {}
    for column in layout.columns:
        if column.key in LEFT_OUT:
            found.setdefault(LEFT_OUT[column.key], []).append(column.heading.rpartition(".")[2])
    return [f"{', '.join(names)}: {why[0].lower()}{why[1:]}." for why, names in found.items()]


def _spaced(name: str) -> str:
    """PlacementAvailability -> Placement availability."""
    return "".join(f" {each.lower()}" if each.isupper() and place else each for place, each in enumerate(name))
