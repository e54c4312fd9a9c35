"""Benchmarks: every measure, one measure by one cut, and one cell over the releases."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart, Dot, Strip, dot_strip
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..measures.benchmark import (
    Benchmark,
    Comparator,
    Figures,
    Names,
    Row,
    Values,
    benchmark,
    cover,
    instead_of,
    newest_release,
)
from ..measures.own import Own, own_figures, own_of
from ..models import PeerGroup, PublishedFigure, Release
from ..rules.catalogue import CUTS, MEASURES, Measure
from ..rules.disclosure import SIGNS, as_kept
from . import benchmark_tables as tables
from .cells_asked import NoSuchCell, read, written

GOOD = {"low": "Low is good", "high": "High is good", "neither": "Neither high nor low is good by itself"}
TREND_RELEASES = 8
NOT_YET = "not released yet"


@allowed("benchmarks")
def benchmarks(request: HttpRequest) -> HttpResponse:
    today, release = timezone.localdate(), newest_release()
    own, whose = own_figures(today), request.user.body_name
    found = benchmark("weekly_price", "service", release, own)
    covered = cover(release, own)
    columns = tables.columns(found, _cell_link(found))
    rows = sort_rows(found.rows, columns, ordering(columns, request.GET.get("sort", ""), ""))
    return render(request, "compare/benchmarks.html", {
        "whose": whose, "today": today, "quiet": tables.quiet_line(release),
        "answer": _cover_sentence(whose, release, covered.share("provider_market", "market_age_level")),
        "nothing": None if release else _no_release(request),
        "services": Table.for_request(
            request, columns, rows, "Weekly price by kind of home", per_page=None, cards=False,
            noun=("kind of home", "kinds of home"),
        ) if rows else None,
        "questions": QUESTIONS, "may_answer": request.user.may("read", "foi"), "measures": _measures(),
    })  # fmt: skip


QUESTIONS: list[tuple[str, Any, str]] = [  # (words, address, why)
    (
        "Which provider charges our neighbours less for the same care?", reverse_lazy("benchmarks-prices"),
        "What we pay for each open home beside the partnership’s median, what talking could save, what was decided.",
    ),
    (
        "Which spot purchases could the frameworks have met?", reverse_lazy("benchmarks-spot"),
        "Who was asked and who offered, what the offers not taken cost us, whom to invite when a lot reopens.",
    ),
    (
        "What do we pay for each kind of home?", reverse_lazy("benchmarks-cost"),
        "Most usual price, median and mean on a day.",
    ),
    (
        "How do we stand beside England?", reverse_lazy("benchmarks-national"),
        "What the DfE publishes of any English authority.",
    ),
]  # fmt: skip


def _cover_sentence(whose: str, release: Release | None, share: Decimal | None) -> str:
    if release is None:
        return "No release is published yet: only our own figures can be shown."
    if share is None:
        return f"{whose} has bought no home in the last twelve months, so there is nothing to compare."
    return (
        f"{wording.percent(share)} of what {whose} pays others a week can be compared with the partnership, "
        "by lot, age and level or more closely."
    )


def _no_release(request: HttpRequest) -> EmptyState:
    why = "What the partnership pays is shown from releases, which are built each quarter and approved by two people."
    if request.user.may("create", "releases"):
        return EmptyState("No release yet", why, "Ask for a release", reverse("release-new"))
    return EmptyState("No release yet", why)


def _measures() -> Table:
    columns = [
        Column("title", "Measure", link=lambda m: reverse("benchmarks-measure", args=[m.key])),
        Column("why", "Why it matters"),
        Column("good", "Which direction", value=lambda m: GOOD[m.good]),
    ]
    return Table(columns, list(MEASURES.values()), "All measures", caption_hidden=True, per_page=None,
                 noun=("measure", "measures"))  # fmt: skip


@allowed("benchmarks")
def measure(request: HttpRequest, key: str) -> HttpResponse:
    """One measure by one of its cuts. A cut that it is not shown by counts as not asked: dimensions are closed."""
    asked_for = MEASURES.get(key)
    if asked_for is None:
        raise Http404
    today, whose = timezone.localdate(), request.user.body_name
    releases = {str(each.number): each for each in Release.objects.published()[:TREND_RELEASES]}
    groups = {str(each.uuid): each for each in PeerGroup.objects.order_by("name")}
    questions = _questions(asked_for, releases, groups)
    chosen = ask(request.GET, questions, [])
    cut = chosen.answers["cut"]
    release = releases.get(chosen.answers["release"])
    group = groups.get(chosen.answers["group"])
    found = benchmark(key, cut, release, own_of(asked_for, today), group.pk if group else None)
    asked = ask(request.GET, [*questions, *_narrowing(found)], found.rows)
    link = _cell_link(found)
    columns = tables.columns(found, link)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), ""))
    sentence = FilterSentence(asked.filters, len(rows), len(found.rows), ("row", "rows"), request.path)
    if request.GET.get("format") in FORMATS:
        title = f"{asked_for.title} by {CUTS[cut].title}"
        return file_response(
            request, request.GET["format"], tables.file_columns(found), rows, title=title, sentence=sentence
        )
    narrowed = Benchmark(found.measure, cut, release, rows, found.names)
    answer = tables.answer(narrowed, whose)
    if group is not None and release is not None and not any(row.shared for row in found.rows):
        answer = f"{release} shows nothing of {group.name} by itself: it would tell of the few in it, or outside it."
    return render(request, "compare/measure.html", {
        "measure": asked_for, "cut_title": CUTS[cut].title, "whose": whose, "today": today,
        "group_name": group.name if group else "the partnership", "sentence": sentence, "fields": asked.fields,
        "answer": answer, "chart": tables.dumbbell(narrowed, whose),
        "table": Table.for_request(
            request, columns, rows, f"By {CUTS[cut].title}", noun=("row", "rows"), cards=False,
            downloads=downloads(request) if rows else (), empty=_no_rows(request, release, group),
        ),
        "quiet": tables.quiet_line(release, asked_for), "signs": SIGNS, "about": about(asked_for, release),
        "rules": as_kept(release.rules if release else {}),
    })  # fmt: skip


def _questions(measure: Measure, releases: Mapping[str, Release], groups: Mapping[str, PeerGroup]) -> list[Question]:
    newest = next(iter(releases), "")
    return [
        Question("cut", "By", {name: CUTS[name].title for name in measure.cuts}, default=measure.cuts[0], always=True),
        Question("group", "Beside", {key: each.name for key, each in groups.items()}),
        Question("release", "Release", {
            key: f"{each.number}, to {wording.day(each.as_at)}" for key, each in releases.items()
        }, default=newest, always=bool(releases)),
    ]  # fmt: skip


def _narrowing(found: Benchmark) -> list[Question]:
    """Questions about the rows: one for each dimension, and whether they can be compared."""
    questions = []
    for place, name in enumerate(CUTS[found.cut].dimensions):
        words = sorted({found.names.each(row.values)[place] for row in found.rows})
        questions.append(Question(
            name, tables.HEADINGS[name], {word: word for word in words},
            lambda row, value, place=place: found.names.each(row.values)[place] == value,
        ))  # fmt: skip
    questions.append(Question(
        "show", "Show", {"ours": "what we buy", "shown": "what the release shows"},
        lambda row, value: row.own is not None if value == "ours" else row.shared is not None,
    ))  # fmt: skip
    return questions


def _cell_link(found: Benchmark) -> tables.Link:
    address = reverse("benchmarks-cell", args=[found.measure.key, found.cut])

    def link(row: Row) -> str:
        return f"{address}?{urlencode(written(found.cut, row.values, found.names))}"

    return link


def _no_rows(request: HttpRequest, release: Release | None, group: PeerGroup | None) -> EmptyState:
    if release is None:
        return _no_release(request)
    if group is not None:
        return EmptyState(
            "Nothing of this group may be shown", "Its figures would tell those of the few in it, or outside it.",
            "Show the whole partnership", request.path,
        )  # fmt: skip
    return EmptyState("Nothing like that", "No row matches everything that you chose.", "Show all", request.path)


def about(measure: Measure, release: Release | None) -> list[tuple[str, str]]:
    """What a measure is, as the release kept it where there is one."""
    kept: Mapping[str, Any] = (release.definitions.get(measure.key) if release else None) or measure.as_kept()
    return [
        ("Why it matters", kept["why"]), ("How it is worked out", kept["how"]),
        ("Numerator", kept["numerator"]), ("Denominator", kept["denominator"]), ("Unit", kept["unit"]),
        ("Which direction", GOOD[kept["good"]]), ("What would mislead", kept["misleads"]),
        ("Smallest n", f"{kept['smallest_n']} children, of enough authorities besides any two"),
        ("Source", kept["source"]),
        ("Checked", f"{kept['checked_by']}, {wording.day(date.fromisoformat(kept['checked_on']))}"),
    ]  # fmt: skip


@allowed("benchmarks")
def cell(request: HttpRequest, key: str, cut: str) -> HttpResponse:
    """One cell over the releases, with its own figures of the same twelve months."""
    asked_for = MEASURES.get(key)
    if asked_for is None or cut not in asked_for.cuts:
        raise Http404
    back = f"{reverse('benchmarks-measure', args=[key])}?{urlencode({'cut': cut})}"
    if not set(CUTS[cut].dimensions) & set(request.GET):
        return _no_cell(request, asked_for, cut, back, "No row is chosen", 200)
    try:
        values = read(cut, request.GET)
    except NoSuchCell:
        return _no_cell(request, asked_for, cut, back, "There is no such row", 404)
    whose = request.user.body_name
    releases = list(Release.objects.published()[:TREND_RELEASES])[::-1]
    names = Names([values], cut)
    points = [_point(asked_for, cut, values, release, names) for release in releases]
    live = Point(None, own_of(asked_for, timezone.localdate()).of(asked_for, cut).get(values), None)
    label = names.of(values)
    return render(request, "compare/cell.html", {
        "measure": asked_for, "label": label, "whose": whose, "signs": SIGNS,
        "back": back,
        "answer": _cell_answer(asked_for, whose, label, live, points[-1] if points else None),
        "chart": _trend(asked_for, whose, points), "strip": _strip(asked_for, whose, label, live, points),
        "table": Table(_trend_columns(asked_for, points), [*points, live][::-1], "Over the releases", per_page=None,
                       cards=False, noun=("row", "rows")),
        "about": _behind(asked_for, points[-1] if points else None),
    })  # fmt: skip


def _no_cell(request: HttpRequest, measure: Measure, cut: str, back: str, heading: str, status: int) -> HttpResponse:
    """An address that names no row, or one that is not there: what it should have named, and where the rows are."""
    wanted = " and ".join(tables.HEADINGS[name].lower() for name in CUTS[cut].dimensions)
    why = f"A row of {measure.title.lower()} by {CUTS[cut].title} is one {wanted}. Choose it from the list."
    return render(request, "compare/no_cell.html", {
        "measure": measure, "heading": heading, "back": back,
        "nothing": EmptyState(heading, why, f"{measure.title} by {CUTS[cut].title}", back),
    }, status=status)  # fmt: skip


class Point:
    """One release of a cell's trend; without a release: today."""

    def __init__(
        self, release: Release | None, own: Own | None, shared: PublishedFigure | None,
        instead: Comparator | None = None,
    ) -> None:  # fmt: skip
        self.release, self.own, self.shared, self.instead = release, own, shared, instead

    @property
    def words(self) -> str:
        return f"To {wording.day(self.release.as_at)}" if self.release else "Today, ours alone"


def _point(measure: Measure, cut: str, values: Values, release: Release, names: Names) -> Point:
    own, figures = own_of(measure, release.as_at), Figures(release, measure.key)
    instead = instead_of(figures, measure, cut, values, names.services)
    return Point(release, own.of(measure, cut).get(values), figures.of(cut, values), instead)


def _main(measure: Measure, figure: Own | PublishedFigure | None) -> Any:
    if figure is None:
        return None
    return figure.median if measure.kind == "spread" else figure.percent


def _trend_columns(measure: Measure, points: Sequence["Point"]) -> list[Column]:
    spread = measure.kind == "spread"
    kind = ("money" if measure.unit.startswith("£") else "number") if spread else "percent"
    what = "median" if spread else "share"

    def shared(pick: Any) -> Any:
        def value(point: Point) -> Any:
            if point.release is None:
                return None
            if point.shared and point.shared.sign:
                return tables.signed(point.shared)
            found = pick(point.shared) if point.shared else None
            return tables.withheld(point.instead, measure) if found is None else found

        return value

    columns = [
        Column("words", "Twelve months"),
        Column("our_n", "Ours", value=lambda p: p.own.n if p.own else None, kind="number", missing="none"),
        Column("ours", f"Our {what}", value=lambda p: _main(measure, p.own), kind=kind, unit=measure.unit, whole=True,
               missing="none"),
        Column("n", "Partnership", value=shared(lambda f: f.n), kind="number", missing=NOT_YET, unit="to nearest 5"),
        Column("partnership", f"Partnership {what}", value=shared(lambda f: _main(measure, f)), kind=kind,
               unit=measure.unit, whole=True, missing=NOT_YET),
    ]  # fmt: skip
    if spread:
        columns += [
            Column("lower", "Lower quartile", value=shared(lambda f: f.lower_quartile), kind=kind, unit=measure.unit,
                   whole=True, missing=NOT_YET),
            Column("upper", "Upper quartile", value=shared(lambda f: f.upper_quartile), kind=kind, unit=measure.unit,
                   whole=True, missing=NOT_YET),
        ]  # fmt: skip
    if any(_note(point) for point in points):
        columns.append(Column("held", "Note", missing="", value=_note))
    return columns


def _note(point: Point) -> str:
    if point.shared is not None and point.shared.held_from_id:
        return f"as in {point.shared.held_from}: too little has changed since to be told"
    return ""


def _trend(measure: Measure, whose: str, points: list[Point]) -> Chart | None:
    if sum(_main(measure, point.shared) is not None for point in points) < 2:
        return None
    kind = ("money" if measure.unit.startswith("£") else "number") if measure.kind == "spread" else "percent"
    return Chart(
        f"{measure.title} over the releases", "line",
        [
            Column("words", "Twelve months", value=lambda p: f"{p.release.as_at:%b %Y}"),
            Column("ours", whose, value=lambda p: _main(measure, p.own), kind=kind, unit=measure.unit),
            Column("partnership", "Partnership", value=lambda p: _main(measure, p.shared), kind=kind,
                   unit=measure.unit),
        ],
        points, unit=measure.unit, own_table=False, slug="chart-trend",
    )  # fmt: skip


def _strip(measure: Measure, whose: str, label: str, live: Point, points: list[Point]) -> Chart | None:
    """Each of our own homes against the middle half of the partnership's. No other's home is ever drawn."""
    shared = points[-1].shared if points else None
    if live.own is None or not live.own.amounts or shared is None or shared.lower_quartile is None:
        return None
    strip = Strip(
        label, [Dot("One of ours", amount) for amount in live.own.amounts], shared.lower_quartile, shared.median,
        shared.upper_quartile, live.own.median,
    )  # fmt: skip
    chart = dot_strip(
        f"Where {whose} lies against the middle half of the partnership", [strip], unit=measure.unit,
        ours_label=f"Median of {whose}", slug="chart-own", each=False, own_table=False,
    )  # fmt: skip
    chart.noun = "home of ours"
    chart.extra_tables = (_each_home(measure, live.own),)
    return chart


def _each_home(measure: Measure, own: Own) -> Table:
    kind = "money" if measure.unit.startswith("£") else "number"
    columns = [
        Column("place", "Ours, lowest first", value=lambda row: row[0], kind="number"),
        Column("amount", "Each", value=lambda row: row[1], kind=kind, unit=measure.unit),
    ]
    rows = list(enumerate(sorted(own.amounts), start=1))
    return Table(columns, rows, "Each of ours", per_page=None, compact=True, cards=False, level=3)


def _cell_answer(measure: Measure, whose: str, label: str, live: Point, newest: Point | None) -> str:
    ours, theirs = _main(measure, live.own), _main(measure, newest.shared) if newest else None

    def told(value: Any) -> str:
        return tables.amount_words(value, measure) if measure.kind == "spread" else wording.percent(value)

    if ours is None:
        said = f"{whose} has nothing of the kind in the last twelve months"
    else:
        over = f"over {live.own.n if live.own else 0} of ours"
        said = f"{whose}: {told(ours)}{' (median)' if measure.kind == 'spread' else ''} {over}"
    if theirs is None:
        instead = newest.instead if newest else None
        wider = f" {tables.instead_words(instead, measure)}" if instead and instead.figure else ""
        return f"{said}. The partnership’s figure is withheld, or there is none.{wider}"
    shared = newest.shared if newest else None
    return f"{said}; the partnership {told(theirs)} over about {wording.number(shared.n or 0) if shared else 0}."


def _behind(measure: Measure, newest: Point | None) -> list[tuple[str, str]]:
    rows = about(measure, newest.release if newest else None)
    if newest is None or newest.release is None:
        return rows
    shared = newest.shared
    over = f"about {wording.number(shared.n)} (to the nearest five)" if shared and shared.n else "withheld"
    return [("Release", tables.quiet_line(newest.release)), ("Over how many", over), *rows]
