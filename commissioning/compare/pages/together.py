"""Price, quality and voice of a lot: each provider's, side by side, and never one score."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.plots import Plot, Point
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Lot, Statement, StatementSet
from quality.measures.voice import TELLS_FROM
from quality.pages.voice_words import interval_words, share_words

from ..measures.together import PRICE, VOICE, Row, Together, together
from ..rules.catalogue import MEASURES
from ..rules.disclosure import SIGNS
from ..rules.intervals import wilson
from .benchmark_tables import instead_words, quiet_line, signed, withheld
from .lot_tables import Judged, unit_of

NOUN = ("provider", "providers")
LEAST_DRAWN = 3  # points; with fewer a chart shows nothing that the table does not


class JudgedPlace(Judged):
    def html(self, row: Any) -> str:
        return super().html(row.place) if row.place.standing.counts else str(wording.missing(self.missing))


class OwnShare(Column):
    """A percentage; of one or two young people, how many of how many."""

    def html(self, row: Row) -> str:
        return (share_words(row.own) if row.own else "") or str(wording.missing(self.missing))


@allowed("benchmarks")
def lot_together(request: HttpRequest, uuid: UUID) -> HttpResponse:
    today = timezone.localdate()
    lot = get_object_or_404(Lot.objects.select_related("framework", "framework__lead_authority"), uuid=uuid)
    statements = _statements()
    chosen = ask(request.GET, [Question(
        "statement", "Statement", {str(each.number): str(each) for each in statements},
        default=str(statements[0].number) if statements else "", always=True,
    )] if statements else [], ())  # fmt: skip
    number = chosen.answers.get("statement", "")
    found = together(lot, next((each for each in statements if str(each.number) == number), None), today)
    columns = _columns(found)
    rows = sort_rows(found.rows, columns, ordering(columns, request.GET.get("sort", ""), "provider"))
    sentence = FilterSentence(chosen.filters, len(rows), len(rows), NOUN, request.path)
    title = f"{lot.name}: price, quality and voice"
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    return render(request, "compare/together.html", {
        "lot": lot, "title": title, "sentence": sentence, "fields": chosen.fields, "statement": found.statement,
        "answer": _answer(found, request.user.body_name), "chart": _chart(found, request.user.body_name),
        "whole": _whole(found), "quiet": quiet_line(found.release), "signs": SIGNS, "release": found.release,
        "line": found.rates.default_line if found.rates.seen else None,
        "table": Table.for_request(
            request, columns, rows, "Each provider on the lot", default_sort="provider", noun=NOUN, caption_hidden=True,
            downloads=downloads(request) if rows else (),
            empty=EmptyState("No provider has a place", "Nobody has a place on this lot today.", "See the lot",
                             reverse("lot", args=[uuid])),
        ),
    })  # fmt: skip


def _statements() -> list[Statement]:
    """Of the set in use that stands first."""
    of = StatementSet.objects.in_use().order_by("code").first()
    return list(Statement.objects.filter(statement_set=of)) if of else []


def _told(row: Row) -> bool:
    return row.own is not None and row.own.people >= TELLS_FROM


def _columns(found: Together) -> list[Column]:
    price, voice, line = MEASURES[PRICE], MEASURES[VOICE], found.rates.default_line

    def released(row: Row) -> Any:
        if row.price is None or row.price.median is None:
            return withheld(row.price_instead, price)
        return row.price.median

    def said(row: Row) -> Any:
        if row.said is None:
            return withheld(row.said_instead, voice)
        return signed(row.said) if row.said.sign else row.said.percent

    # A column in which no row has anything is left out.
    told = any(_told(row) for row in found.rows)
    shared = any(row.said is not None and row.said.n for row in found.rows)
    return [
        Column("provider", "Provider", value=lambda row: row.place.provider.name, sort="provider",
               link=lambda row: reverse("provider", args=[row.place.provider.uuid])),
        Column("price", "Released median", value=released, kind="money", unit="£ a week", whole=True),
        Column("difference", "Against the lot", kind="money", unit="£ a week", whole=True, signed=True,
               missing="not comparable"),
        Column("paid", "What we pay", kind="money", unit="£ a week", whole=True, missing="nothing now", sort="paid"),
        *([Column("rate", "Rate card", kind="money", unit=unit_of(line), missing="not priced",
                  sort="rate")] if line and found.rates.seen else []),
        JudgedPlace("judgement", "Judgement", value=lambda row: str(row.place.standing),
                    missing="not listed by Ofsted"),
        Column("visited", "Latest visit", value=lambda row: _visited(row), missing="no rating seen"),
        OwnShare("own", "Our young people agree", value=lambda row: row.own.whole if row.own else None,
                 kind="percent", missing="no answer", sort="own"),
        Column("own_n", "Our answers", value=lambda row: row.own.n if row.own else 0, kind="number"),
        *([Column("own_interval", "Likely between", value=lambda row: interval_words(row.own.interval)
                  if _told(row) else None, missing="")] if told else []),
        Column("said", "Partnership agrees", value=said, kind="percent"),
        *([
            Column("said_n", "Its answers", value=lambda row: row.said.n if row.said else None, kind="number",
                   unit="to nearest 5", missing=""),
            Column("said_interval", "Between", value=lambda row: _interval(row), missing=""),
        ] if shared else []),
        Column("homes", "Our homes today", kind="number", sort="homes"),
    ]  # fmt: skip


def _visited(row: Row) -> str | None:
    seen = row.visited
    return f"{seen.rating}, {wording.day(seen.on)}, {seen.authority}" if seen else None


def _interval(row: Row) -> str | None:
    if row.said is None or row.said.percent is None or not row.said.n:
        return None
    band = wilson(row.said.percent, row.said.n)
    return f"{band[0]}% to {band[1]}%" if band else None


def _answer(found: Together, whose: str) -> list[str]:
    rows = found.rows
    if not rows:
        return []
    lines = []
    if found.own is not None and found.own.n and found.statement is not None:
        of = "of answers" if found.own.people >= TELLS_FROM else "answers"
        lines.append(
            f"{share_words(found.own)} {of} from young people of {whose} on this lot mostly or always agree: "
            f"“{found.statement.words}” (n {found.own.n:,})."
        )
    else:
        lines.append(f"No young person of {whose} on this lot has answered.")
    priced = sum(row.price is not None and row.price.median is not None for row in rows)
    voiced = sum(row.said is not None and row.said.percent is not None for row in rows)
    ours = sum(row.own is not None and row.own.n > 0 for row in rows)
    if found.release is None:
        lines.append("No release is published yet: rate cards, judgements, visits and our own answers stand alone.")
    else:
        lines.append(
            f"Of {len(rows):,} {NOUN[len(rows) != 1]}, the release tells a price of {priced or 'none'} and what "
            f"young people say of {voiced or 'none'}; our own answers tell of {ours or 'none'}."
        )
    return lines


def _whole(found: Together) -> list[tuple[str, str]]:
    """What the release says of the lot as a whole, and what stands in where it is withheld."""
    if found.release is None or found.statement is None:
        return []
    price = found.lot_price.median if found.lot_price else None
    said = found.lot_said
    rows = [("Price of the lot", f"a median of {wording.pounds(price, whole=True)} a week, over about "
             f"{found.lot_price.n} homes" if price is not None and found.lot_price else "withheld")]  # fmt: skip
    if said is not None and said.percent is not None:
        rows.append(("Young people on the lot", f"{said.percent}% agree, of about {said.n} answers"))
    elif found.lot_said_instead is not None:
        rows.append(("Young people on the lot",
                     f"withheld. {instead_words(found.lot_said_instead, MEASURES[VOICE])}"))  # fmt: skip
    return rows


def _chart(found: Together, whose: str) -> Plot | None:
    """By released price where enough of it is told, else by what we pay ourselves, else by the rate card; by our own
    answers, else the release's."""
    line = found.rates.default_line
    ways = [(_released, "released median, £ a week", LEAST_DRAWN), (_paid, "our own median, £ a week", 2)]
    if line is not None and line.unit == "week":
        ways.append((_rate, f"rate card, {line.title}, £ a week", 2))
    enough = [
        (price, across, drawn)
        for price, across, least in ways
        if len(drawn := [row for row in found.rows if price(row) is not None and _share(row)]) >= least
    ]
    if not enough:
        return None
    price, across, drawn = enough[0]
    points = [_point(row, price(row) or Decimal(0)) for row in drawn]
    middle = _middle([point.x for point in points])
    lot = found.lot_price.median if price is _released and found.lot_price else None
    upright = middle if lot is None else lot
    own = found.own.percent if found.own and found.own.people >= TELLS_FROM else None
    share = _middle([point.y for point in points]) if own is None else own
    left = len(found.rows) - len(points)
    note = (
        "Each point is a provider, as large as our homes with it today; the bar is where the share of all who might "
        "have answered lies, nineteen times in twenty. A bar that crosses the line tells of no difference."
    )
    if price is not _released:
        note += " Too few released prices may be shown, so another price stands in."
    if left:
        verb = "is" if left == 1 else "are"
        note += f" {left} {NOUN[left != 1]} with no price or too few answers {verb} in the table alone."
    return Plot(
        _finding(points, upright, share), "points", (), (), slug="together", noun="provider", own_table=False,
        points=points, across=across, up="agree", pounds_across=True,
        middle=(share, f"{whose} {share:.0f}%" if own is not None else f"middle {share:.0f}%"),
        middle_across=(upright, "middle of those drawn" if lot is None else "lot’s median"),
        corners=("Cheaper, more agree", "Dearer, more agree", "Dearer, fewer agree", "Cheaper, fewer agree"),
        note=note,
    )  # fmt: skip


def _released(row: Row) -> Decimal | None:
    return row.price.median if row.price else None


def _paid(row: Row) -> Decimal | None:
    return row.paid


def _rate(row: Row) -> Decimal | None:
    return row.rate


def _middle(values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _share(row: Row) -> bool:
    return _told(row) or (row.said is not None and row.said.percent is not None)


def _point(row: Row, x: Decimal) -> Point:
    if _told(row) and row.own is not None:
        share, band = row.own.percent or Decimal(0), row.own.interval
        low, high, n = (band.low if band else None), (band.high if band else None), f"{row.own.n} of our answers"
    else:
        assert row.said is not None
        found = wilson(row.said.percent or 0, row.said.n or 0)
        share, (low, high) = Decimal(row.said.percent or 0), found or (None, None)
        n = f"about {row.said.n} of the partnership’s answers"
    name = row.place.provider.name
    return Point(
        name, x, share, low=low, high=high, size=row.homes,
        href=reverse("provider", args=[row.place.provider.uuid]),
        reading=f"{name}: {wording.pounds(x, whole=True)} a week, {share:.0f}% agree of {n}; "
        f"{str(row.place.standing) or 'not listed by Ofsted'}; {row.homes} of our homes",
    )  # fmt: skip


def _finding(points: Sequence[Point], middle: Decimal, share: Decimal) -> str:
    """What may be said without a score: where a whole interval lies on one side of the line."""
    below = [point for point in points if point.high is not None and point.high < share]
    above = [point for point in points if point.low is not None and point.low > share]
    if not below and not above:
        return "By price and by what young people say, no provider differs from ours as a whole beyond chance"
    said = []
    for some, words in ((above, "more agree"), (below, "fewer agree")):
        if len(some) == 1:
            said.append(f"{words} at {some[0].name}, {'dearer' if some[0].x > middle else 'no dearer'} than the middle")
        elif some:
            dear = sum(point.x > middle for point in some)
            said.append(f"{words} at {len(some)} providers, {dear} of them dearer than the middle")
    return f"Beyond chance, {'; '.join(said)}"
