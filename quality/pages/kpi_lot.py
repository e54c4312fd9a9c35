"""A lot's KPIs: each provider beside what the lot expects, how that has moved over eight quarters, and what is open."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from commissioning.kernel import wording
from commissioning.kernel.exports import Notice, SheetOf, file_name, workbook_bytes
from commissioning.kernel.exports.workbook import CONTENT_TYPE as XLSX
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Kpi, Lot, LotKpi
from commissioning.partnership.rules.codes import KPI_RATINGS
from contracts.pages.referral_words import plural
from providers.models import Award, Provider

from ..measures.contract_kpis import Held, OwnTargets, own_targets
from ..measures.kpi_returns import PERIODS, Slot, slots, takes_part
from ..measures.kpis import Figure, figures
from ..models import ContractKpi, Expected, asked_by
from ..rules import codes, kpi_periods
from ..rules.kpi_ratings import FEWEST, OFFERED, rating_of
from ..rules.kpi_standing import TO_CHECK
from ..rules.stability import FLAG
from .kpi_contract import alone_table, contract_columns, contracts_table
from .kpi_words import RATING_TONES, figure, out_of, state_words, thresholds, whence

ONE_DAY = timedelta(days=1)
SHOWN = 15  # rows of a table on one page


@dataclass(frozen=True)
class Cell:
    """A figure with its rating; `note` is what else is to know of it."""

    words: str
    rating: str = ""
    note: str = ""
    href: str = ""

    def __str__(self) -> str:
        said = f"{self.words}: {KPI_RATINGS[self.rating]}" if self.rating else self.words
        return f"{said} ({self.note})" if self.note else said


@dataclass(frozen=True)
class CellColumn(Column):
    def html(self, row: Any) -> str:
        cell = self.of(row)
        if cell is None:
            return str(wording.missing(self.missing))
        words = escape(cell.words)
        shown = f'<a class="govuk-link" href="{escape(cell.href)}">{words}</a>' if cell.href else words
        if cell.rating:
            shown += f" {wording.tag(KPI_RATINGS[cell.rating], RATING_TONES[cell.rating])}"
        return shown + (f' <span class="app-quiet">{escape(cell.note)}</span>' if cell.note else "")


def cell_of_slot(slot: Slot) -> Cell:
    row, kpi = slot.returned, slot.expected.kpi
    if row is None:
        return Cell(state_words(slot))
    note = out_of(row.numerator, row.denominator)
    if slot.state not in ("verified", "returned") or slot.late:
        said = "came late" if slot.state in ("verified", "returned") else state_words(slot).lower()
        note = f"{note}; {said}" if note else said
    if slot.held is not slot.expected:
        note = f"{note}; by a target of its own" if note else "by a target of its own"
    href = reverse("kpi-return", args=[row.uuid])
    return Cell(figure(row.value, kpi) or "No figure", row.rating, note, href)


def cell_of_figure(found: Figure | None, expected: Held) -> Cell | None:
    if found is None or not found.denominator:
        return None
    kpi = expected.kpi
    value = found.value(kpi.good)
    of = out_of(Decimal(found.numerator), Decimal(found.denominator))
    if found.denominator < FEWEST:
        return Cell(figure(value, kpi), note=f"{of}; too few to rate")
    rating = rating_of(value, good=kpi.good, target=expected.target, approaching=expected.approaching,
                       improvement=expected.improvement)  # fmt: skip
    return Cell(figure(value, kpi), rating, of)


@allowed("kpis")
def kpi_lot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework__lead_authority"), uuid=uuid)
    today = timezone.localdate()
    expected = list(LotKpi.objects.filter(lot=lot).select_related("kpi").order_by("kpi__name", "starts_on"))
    quarters = _quarters(today)
    last = {(ends - ONE_DAY).isoformat(): kpi_periods.name_of(begins, ends) for begins, ends in quarters[::-1]}
    own = own_targets([lot.pk], provider=request.user.provider_id)
    codes_ = {row.kpi.code: row.kpi.name for row in (*expected, *own.alone)}
    first = next(iter(codes_), "")
    asked = ask(request.GET, [
        Question("until", "Periods that end with", last, default=next(iter(last)), always=True),
        Question("trend", "Over two years", dict(sorted(codes_.items(), key=lambda each: each[1])), default=first,
                 always=True),
    ], ())  # fmt: skip
    ends_before = date.fromisoformat(asked.answers["until"]) + ONE_DAY
    reads = request.user.may("read", "kpi-returns") and takes_part(lot)
    page = _Page(request, lot, expected, own, ends_before, quarters, today, reads)
    if request.GET.get("format") == "book":
        return page.book()
    returned, ours = page.returned(), page.ours()
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], page.columns_of_everything(), page.rows,
                             title=f"KPIs of {lot}")  # fmt: skip
    leads = lot.framework.lead_authority_id == request.user.authority_id
    may_set = leads and request.user.may("change", "lot-kpis")
    return render(request, "quality/kpi_lot.html", {
        "lot": lot, "fields": asked.fields, "any": bool(expected or own.alone), "reads": reads, "offered": OFFERED,
        "flag": FLAG,
        "answer": page.answer(), "returned": returned, "ours": ours, "waiting": page.waiting() if reads else None,
        "trend": page.trend(asked.answers["trend"]), "expected": _expected(expected, today, leads),
        "contracts": contracts_table(own.rows, leads=may_set) if own.rows else None,
        "alone": alone_table(own.alone, leads=may_set) if own.alone else None, "expects": bool(expected),
        "may_set": may_set, "own": page.own, "period": last[asked.answers["until"]],
        "of_provider": bool(request.user.provider_id),
        "may_check": leads and request.user.may("check", "kpi-returns"),
        "may_import": leads and request.user.may("import", "kpi-returns"), "until": asked.answers["until"],
    })  # fmt: skip


def _runs(row: Expected, day: date) -> bool:
    """What is agreed with a contract ends with it."""
    of_contract = isinstance(row, ContractKpi)
    return kpi_periods.runs_on(row, day) and (not of_contract or kpi_periods.runs_on(row.award, day))


def _quarters(today: date) -> list[tuple[date, date]]:
    span = kpi_periods.last_ended("quarter", today)
    found = [span]
    while len(found) < PERIODS:
        found.append(kpi_periods.before("quarter", found[-1][0]))
    return found[::-1]


class _Page:
    """What one page shows; its figures are asked for once."""

    def __init__(
        self, request: HttpRequest, lot: Lot, expected: list[LotKpi], own: OwnTargets, ends_before: date,
        quarters: list[tuple[date, date]], today: date, reads: bool,
    ) -> None:  # fmt: skip
        self.request, self.lot, self.ends_before, self.today = request, lot, ends_before, today
        self.all, self.quarters, last = expected, quarters, ends_before - ONE_DAY
        self.now = [row for row in expected if kpi_periods.runs_on(row, last)]
        self.slots = slots([lot], after=quarters[0][0], until=quarters[-1][1], today=today,
                           provider=request.user.provider_id) if reads else []  # fmt: skip
        self.own_targets = own
        self.alone = [row for row in own.alone if _runs(row, last)]
        self.own = bool(request.user.authority_id) and request.user.may("read", "placements")
        there = Award.objects.filter(lot=lot, starts_on__lte=last).exclude(ends_before__lte=last)
        self.rows: list[Provider] = [each.provider for each in there.select_related("provider")
                                     .order_by("provider__name")]  # fmt: skip
        self._figures: dict[tuple[str, date], dict[int, Figure]] = {}
        ended = [slot for slot in self.slots if slot.ends_before <= ends_before]  # the later periods come last
        self._newest = {(slot.award.provider_id, asked_by(slot.expected)): slot for slot in ended}

    def figures_of(self, kpi: Kpi, begins: date, ends: date) -> dict[int, Figure]:
        """Provider -> the figure of our own children on this lot."""
        key = (kpi.formula, begins)
        if key not in self._figures:
            shown = begins == self._of_kind(kpi.period)[0]  # all at once of the period shown, one alone of earlier ones
            asked = [row.kpi for row in (*self.now, *self.alone)]
            names = {each.formula for each in asked if each.period == kpi.period} if shown else {kpi.formula}
            names = {kpi.formula} | names - {""}
            found = figures(self.request.user.authority_id, names, begins, ends, self.today, lot=self.lot.pk)
            for name in names:
                self._figures[name, begins] = {whose: each for (whose, of), each in found.items() if of == name}
        return self._figures[key]

    def _rated(self, row: Provider, known: dict[int, Figure], expected: Expected, ends_before: date) -> Cell | None:
        held = self.own_targets.held(self.lot.pk, row.pk, expected, ends_before - ONE_DAY)
        return cell_of_figure(known.get(row.pk), held)

    def _of_kind(self, kind: str) -> tuple[date, date]:
        return kpi_periods.last_ended(kind, self.ends_before)

    def _column(self, expected: LotKpi) -> Column:
        kpi = expected.kpi
        begins, ends = self._of_kind(kpi.period)
        if kpi.formula:
            known = self.figures_of(kpi, begins, ends) if self.own else {}
            return CellColumn(f"k{expected.pk}", kpi.name, missing="none of our children to count",
                              value=lambda row: self._rated(row, known, expected, ends))  # fmt: skip

        def cell(row: Provider) -> Cell | None:
            slot = self._newest.get((row.pk, asked_by(expected)))
            return cell_of_slot(slot) if slot else None

        unit = "" if kpi.period == "quarter" else kpi_periods.short_name(begins, ends)
        return CellColumn(f"k{expected.pk}", kpi.name, value=cell, missing="not asked for", unit=unit)

    def _column_alone(self, kpi: Kpi) -> Column:
        """Of a KPI that single contracts alone return: of the others nothing is asked."""
        begins, ends = self._of_kind(kpi.period)
        of = {row.provider_id: row for row in self.alone if row.kpi_id == kpi.pk}
        known = self.figures_of(kpi, begins, ends) if kpi.formula and self.own else {}

        def cell(row: Provider) -> Cell | None:
            if row.pk not in of:
                return None
            if kpi.formula:
                return self._rated(row, known, of[row.pk], ends)
            slot = self._newest.get((row.pk, asked_by(of[row.pk])))
            return cell_of_slot(slot) if slot else None

        missing = "not agreed, or none of our children to count" if kpi.formula else "not asked for"
        return CellColumn(f"c{kpi.pk}", kpi.name, value=cell, missing=missing, unit="of one contract alone")

    def columns(self, *, formula: bool) -> list[Column]:
        named = Column("provider", "Provider", value=lambda row: row.name, link=self._provider)
        alone = {row.kpi_id: row.kpi for row in self.alone if bool(row.kpi.formula) == formula}
        return [
            named, *(self._column(each) for each in self.now if bool(each.kpi.formula) == formula),
            *(self._column_alone(kpi) for kpi in alone.values()),
        ]  # fmt: skip

    def _provider(self, row: Provider) -> str:
        return reverse("provider", args=[row.uuid])

    def columns_of_everything(self) -> list[Column]:
        first = self.columns(formula=False) if self.slots else self.columns(formula=False)[:1]
        return [*first, *(self.columns(formula=True)[1:] if self.own else [])]

    def returned(self) -> Table | None:
        columns = self.columns(formula=False)
        if not self.slots or len(columns) == 1:
            return None
        return Table.for_request(
            self.request, columns, self.rows, "Returned by providers", per_page=SHOWN, cards=False,
            noun=("provider", "providers"),
            downloads=downloads(self.request),
            empty=EmptyState("No provider", "No provider had a place on the lot then."),
        )  # fmt: skip

    def ours(self) -> Table | None:
        columns = self.columns(formula=True) if self.own else []
        if len(columns) < 2:
            return None
        counted = [row for row in self.rows if any(column.of(row) is not None for column in columns[1:])]
        return Table.for_request(
            self.request, columns, counted, "Worked out from our own records", per_page=SHOWN, cards=False,
            noun=("provider", "providers"),
            downloads=downloads(self.request) if not self.slots else (),
            empty=EmptyState("None of our children to count", "A provider stands here once a child of ours lives with "
                             "it by this lot, or it is asked for a home."),
        )  # fmt: skip

    def waiting(self) -> Table | None:
        rows = [slot for slot in self.slots if slot.state in ("disputed", "queried", "missing", *TO_CHECK)
                or (slot.late and slot.ends_before == self.ends_before)]  # fmt: skip
        rows.sort(key=lambda slot: (list(codes.KPI_STATES).index(slot.state), slot.due_on, slot.award.provider.name))
        columns = [
            Column("kpi", "KPI", value=lambda slot: slot.expected.kpi.name,
                   link=lambda slot: reverse("kpi-return", args=[slot.returned.uuid]) if slot.returned else None),
            Column("provider", "Provider", value=lambda slot: slot.award.provider.name),
            Column("period", "Period", value=lambda slot: kpi_periods.name_of(slot.starts_on, slot.ends_before)),
            Column("state", "State", value=state_words),
            Column("words", "What was said last", missing="",
                   value=lambda slot: slot.check.words if slot.check else None),
        ]  # fmt: skip
        return Table.for_request(
            self.request, columns, rows, "Late, missing, disputed, to be checked", noun=("return", "returns"),
            empty=EmptyState("Nothing is open", "Everything that was asked for in two years has come in time, and is "
                             "verified."),
        )  # fmt: skip

    def trend(self, code: str) -> Table | None:
        rows: list[Expected] = [row for row in (*self.all, *self.own_targets.alone) if row.kpi.code == code]
        if not rows or (rows[-1].kpi.formula and not self.own) or (not rows[-1].kpi.formula and not self.slots):
            return None
        kind = rows[-1].kpi.period
        spans = kpi_periods.ending_within(kind, self.quarters[0][0], self.quarters[-1][1])
        columns = [Column("provider", "Provider", value=lambda row: row.name, link=self._provider)]
        columns += [self._past(rows, begins, ends) for begins, ends in spans]
        return Table.for_request(
            self.request, columns, self.rows, f"Over two years: {rows[-1].kpi.name}", per_page=SHOWN, cards=False,
            noun=("provider", "providers"),
        )  # fmt: skip

    def _past(self, rows: list[Expected], begins: date, ends: date) -> Column:
        label, last = kpi_periods.short_name(begins, ends), ends - ONE_DAY
        held = [row for row in rows if _runs(row, last)]
        if not held:
            return CellColumn(f"p{begins}", label, value=lambda row: None, missing="not expected yet")
        if held[0].kpi.formula:
            known = self.figures_of(held[0].kpi, begins, ends)
            of = {row.provider_id: row for row in held if isinstance(row, ContractKpi)}
            lots = next((row for row in held if isinstance(row, LotKpi)), None)

            def rated(row: Provider) -> Cell | None:
                asked = lots or of.get(row.pk)
                return self._rated(row, known, asked, ends) if asked else None

            return CellColumn(f"p{begins}", label, missing="none to count", value=rated)
        keys = {asked_by(row) for row in held}
        came = {slot.award.provider_id: slot for slot in self.slots
                if asked_by(slot.expected) in keys and slot.starts_on == begins}  # fmt: skip
        return CellColumn(f"p{begins}", label, missing="not asked for",
                          value=lambda row: cell_of_slot(came[row.pk]) if row.pk in came else None)  # fmt: skip

    def answer(self) -> str:
        if not self.now:
            return f"{self._said_alone()}." if self.alone else ""
        here = sum(bool(row.kpi.formula) for row in self.now)
        said = (
            f"{plural(len(self.now), 'KPI is', 'KPIs are')} expected of "
            f"{plural(len(self.rows), 'provider', 'providers')}: "
            f"{len(self.now) - here} returned, {here} worked out here."
        ) + (f" {self._said_alone()}." if self.alone else "")
        mine = [slot for slot in self.slots if slot.ends_before == self.ends_before]
        if not mine:
            return said
        rated = [slot.returned.rating for slot in mine if slot.returned]
        missing = sum(slot.returned is None for slot in mine)
        return (
            f"{said} Of {plural(len(mine), 'return', 'returns')} to {wording.day(self.ends_before - ONE_DAY)}, "
            f"{rated.count('good')} are Good and {rated.count('inadequate')} Inadequate; {missing} have not come."
        )

    def _said_alone(self) -> str:
        one, more = "KPI is agreed with one contract alone", "KPIs are agreed with one contract alone each"
        return plural(len(self.alone), one, more)

    def book(self) -> HttpResponse:
        """Every table of the page as a sheet of one workbook."""
        sheets = [SheetOf("Expected", _expected_columns(), self.all)]
        if self.own_targets.alone:
            sheets.append(SheetOf("Of one contract alone", contract_columns(False), self.own_targets.alone))
        for title, columns, shown in (
            ("Returned", self.columns(formula=False), bool(self.slots)),
            ("Worked out from our records", self.columns(formula=True), self.own),
        ):
            if shown and len(columns) > 1:
                sheets.append(SheetOf(title, columns, self.rows))
        viewer, title = self.request.user.body_name, f"KPIs of {self.lot}"
        made = workbook_bytes(sheets, Notice(title, viewer, timezone.now(), ""))
        response = HttpResponse(made, content_type=XLSX)
        name = file_name(title, viewer, timezone.localdate(), "xlsx")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _expected_columns() -> list[Column]:
    return [
        Column("kpi", "KPI", value=lambda row: row.kpi.name, link=lambda row: reverse("kpi", args=[row.kpi.uuid])),
        Column("version", "Version", value=lambda row: row.kpi.number, kind="number"),
        Column("whence", "Figures", value=lambda row: whence(row.kpi)),
        Column("thresholds", "What is expected", value=thresholds),
        Column("due_days", "Days to return it", kind="number", missing="",
               value=lambda row: None if row.kpi.formula else row.due_days),
        Column("starts_on", "From", kind="date"),
        Column("ends_before", "Ended before", kind="date", missing="still expected"),
    ]  # fmt: skip


def _expected(rows: list[LotKpi], today: date, leads: bool) -> Table:
    columns = _expected_columns()
    if leads:
        columns.append(Column("change", "Change", value=lambda row: "End it" if row.ends_before is None else None,
                              missing="", link=lambda row: reverse("kpi-stop", args=[row.uuid])
                              if row.ends_before is None else None))  # fmt: skip
    return Table(
        columns, rows, "What the lot expects", per_page=None, noun=("KPI", "KPIs"),
        empty=EmptyState("This lot expects no KPI yet", "Its framework’s lead says which KPIs it expects, and from "
                         "which figure on each is Good."),
    )  # fmt: skip
