"""Returns: for a provider's contact what is due, queried and sent; for officers what is late or to be checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Lot
from commissioning.partnership.rules.codes import KPI_RATINGS
from contracts.pages.referral_words import plural
from providers.pages.tones import ToneColumn

from ..measures.contract_kpis import asking_lots
from ..measures.kpi_returns import PERIODS, Slot, slots
from ..models import KpiReturn
from ..rules import codes, kpi_periods
from ..rules.kpi_standing import TO_CHECK, TO_DO
from .kpi_words import RATING_TONES, STATE_TONES, figure, out_of, period, state_words

NOUN = ("return", "returns")
WHICH = {"needed": "what needs somebody", "late": "what came late or is missing", "all": "all of them"}
SPANS = {"2": "the last half year", "4": "the last year", str(PERIODS): "the last two years"}
NEEDS = (*TO_DO, *TO_CHECK)


@dataclass(frozen=True)
class Line:
    """One figure, or one that has not come: of the provider as a whole, or of one home."""

    slot: Slot
    row: KpiReturn | None

    @property
    def state(self) -> str:
        return self.slot.state_of(self.row) if self.row else self.slot.state


def lines_of(found: Sequence[Slot]) -> list[Line]:
    """The whole provider's figure of each, then its homes'."""
    return [
        *(Line(slot, slot.returned) for slot in found if slot.returned or not slot.homes or slot.state in TO_DO),
        *(Line(slot, home) for slot in found for home in slot.homes),
    ]


def since(today: date, quarters: int) -> date:
    """The first day of the oldest of so many quarters that are over."""
    span = kpi_periods.last_ended("quarter", today)
    for _ in range(quarters - 1):
        span = kpi_periods.before("quarter", span[0])
    return span[0]


@allowed("kpi-returns")
def kpi_returns(request: HttpRequest) -> HttpResponse:
    if request.user.provider_id:
        return _of_provider(request)
    today = timezone.localdate()
    span = Question("span", "Periods that ended in", SPANS, default="2", always=True)
    after = since(today, int(span.answer(request.GET)))
    everything = lines_of(slots(asking_lots(), after=after, until=today + timedelta(days=1), today=today))
    asked = ask(request.GET, [
        Question("which", "Returns", WHICH, _which, default="needed", always=True),
        Question("state", "State", codes.KPI_STATES, lambda line, value: line.state == value),
        Question("rating", "Rating", KPI_RATINGS,
                 lambda line, value: line.row is not None and line.row.rating == value),
        Question("lot", "Lot", by_words({str(line.slot.award.lot.uuid): _lot(line) for line in everything}),
                 lambda line, value: str(line.slot.award.lot.uuid) == value),
        Question("provider", "Provider", by_words({str(line.slot.award.provider.uuid): line.slot.award.provider.name
                                                   for line in everything}),
                 lambda line, value: str(line.slot.award.provider.uuid) == value),
        span,
    ], everything)  # fmt: skip
    columns = _columns(homes=any(line.row and line.row.establishment_id for line in everything))
    sort = ordering(columns, request.GET.get("sort", ""))
    rows = sort_rows(sorted(asked.rows, key=_urgency), columns, sort) if sort else sorted(asked.rows, key=_urgency)
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="KPI returns", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Returns", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(bool(everything)),
    )  # fmt: skip
    return render(request, "quality/kpi_returns.html", {
        "table": table, "fields": asked.fields, "sentence": sentence, "everything": everything,
        "answer": _answer(everything) if everything else "",
        "may_import": request.user.may("import", "kpi-returns") and request.user.may("create", "imports"),
    })  # fmt: skip


def _which(line: Line, value: str) -> bool:
    if value == "late":
        return line.slot.late and (line.state == "missing" or line.row is not None)
    return value == "all" or line.state in NEEDS


def _urgency(line: Line) -> tuple[Any, ...]:
    """What is disputed first, then queried, missing and to be checked; the newest of each first."""
    return list(codes.KPI_STATES).index(line.state), -line.slot.due_on.toordinal()


def _lot(line: Line) -> str:
    return f"{line.slot.award.lot.framework.name}, {line.slot.award.lot}"


def _columns(*, homes: bool) -> list[Column]:
    columns = [
        Column("kpi", "KPI", value=lambda line: line.slot.expected.kpi.name, sort="kpi", link=address),
        Column("provider", "Provider", value=lambda line: line.slot.award.provider.name, sort="provider"),
        Column("home", "Home", value=lambda line: line.row.establishment.shown_name
               if line.row and line.row.establishment_id else None, missing="the whole provider"),
        Column("lot", "Lot", value=lambda line: str(line.slot.award.lot), sort="lot",
               link=lambda line: reverse("kpi-lot", args=[line.slot.award.lot.uuid])),
        Column("period", "Period", value=lambda line: period(line.slot)),
        *figure_columns(),
        ToneColumn("state", "State", value=lambda line: _words(line), tone=lambda line: STATE_TONES[line.state]),
        Column("due", "Due", value=lambda line: line.slot.due_on, kind="date", sort="due"),
    ]  # fmt: skip
    return columns if homes else [column for column in columns if column.key != "home"]


def figure_columns() -> list[Column]:
    return [
        Column("figure", "Figure", value=lambda line: figure(line.row.value, line.slot.expected.kpi) if line.row
               else None, missing="none yet"),
        Column("of", "Out of", missing="", value=lambda line: out_of(line.row.numerator, line.row.denominator)
               if line.row else None),
        ToneColumn("rating", "Rating", missing="", tone=lambda line: RATING_TONES[line.row.rating] if line.row else "",
                   value=lambda line: KPI_RATINGS[line.row.rating] if line.row else None),
    ]  # fmt: skip


def _words(line: Line) -> str:
    if line.row is None or line.row.establishment_id or line.state != line.slot.state:
        return codes.KPI_STATES[line.state]  # by when stands beside it
    return state_words(line.slot)


def address(line: Line) -> str | None:
    return reverse("kpi-return", args=[line.row.uuid]) if line.row else None


def _answer(everything: Sequence[Line]) -> str:
    count = {state: sum(line.state == state for line in everything) for state in codes.KPI_STATES}
    check = sum(count[state] for state in TO_CHECK)
    late = sum(line.slot.late and line.row is not None for line in everything)
    return (
        f"{plural(count['missing'], 'return is', 'returns are')} missing, {count['queried']} queried and "
        f"{count['disputed']} disputed; {check} to be checked. Of those that came, {late} came late."
    )


def _nothing(everything: bool) -> EmptyState:
    if everything:
        return EmptyState("No return like that", "Nothing that you asked for needs somebody.", "Show all of them",
                          "?which=all&span=8")  # fmt: skip
    return EmptyState(
        "No returns are asked for yet", "Once a lot of a framework in which you take part expects KPIs, what its "
        "providers return stands here, period by period.", "See the lots", f"{reverse('kpis')}#lots",
    )  # fmt: skip


@dataclass(frozen=True)
class Form:
    """What is entered on one page: a lot and the periods that end on one day."""

    slots: list[Slot]

    @property
    def first(self) -> Slot:
        return self.slots[0]

    @property
    def left(self) -> int:
        return sum(slot.returned is None for slot in self.slots)

    @property
    def state(self) -> str:
        return min((slot.state for slot in self.slots), key=list(codes.KPI_STATES).index)

    @property
    def due_on(self) -> date:
        waiting = [slot.due_on for slot in self.slots if slot.state in TO_DO] or [slot.due_on for slot in self.slots]
        return min(waiting)


def forms_of(found: Sequence[Slot]) -> list[Form]:
    grouped: dict[tuple[int, date], list[Slot]] = {}
    for slot in found:
        grouped.setdefault((slot.award.lot_id, slot.ends_before), []).append(slot)
    return sorted(
        (Form(rows) for rows in grouped.values()), key=lambda form: (form.first.ends_before, form.first.award.lot_id),
        reverse=True,
    )  # fmt: skip


def _of_provider(request: HttpRequest) -> HttpResponse:
    today, mine = timezone.localdate(), request.user.provider_id
    lots = Lot.objects.filter(awards__provider=mine).distinct()
    found = slots(lots, after=since(today, PERIODS), until=today + timedelta(days=1), today=today, provider=mine)
    waiting = [form for form in forms_of(found) if form.state in TO_DO]
    asked = [line for line in lines_of(found) if line.row and line.state in ("queried", "disputed")]
    sent = [line for line in lines_of(found) if line.row]
    columns = [
        Column("kpi", "KPI", value=lambda line: line.slot.expected.kpi.name, link=address),
        Column("home", "Home", value=lambda line: line.row.establishment.shown_name
               if line.row.establishment_id else None, missing="the whole of it"),
        Column("lot", "Lot", value=_lot),
        Column("period", "Period", value=lambda line: period(line.slot)),
        *figure_columns(),
        ToneColumn("state", "State", value=_words, tone=lambda line: STATE_TONES[line.state]),
    ]  # fmt: skip
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, sent, title="KPI returns")
    table = Table.for_request(
        request, columns, sorted(sent, key=lambda line: line.slot.ends_before, reverse=True), "What you returned",
        noun=NOUN, downloads=downloads(request) if sent else (),
        empty=EmptyState("Nothing is returned yet", "Each figure that you send stands here, with what the framework’s "
                         "lead said of it."),
    )  # fmt: skip
    return render(request, "quality/kpi_returns_own.html", {
        "waiting": _waiting(waiting) if found else None, "asked": _asked(asked) if asked else None, "table": table,
        "answer": _own_answer(waiting, asked), "any": bool(found),
    })  # fmt: skip


def _own_answer(waiting: list[Form], asked: list[Line]) -> str:
    late = sum(slot.state == "missing" for form in waiting for slot in form.slots)
    due = sum(slot.state == "due" for form in waiting for slot in form.slots)
    if not late and not due and not asked:
        return "Nothing waits for you."
    parts = [f"{plural(late, 'figure is', 'figures are')} overdue"] if late else []
    parts += [f"{plural(due, 'is', 'are')} due"] if due else []
    parts += [f"{plural(len(asked), 'was', 'were')} queried or disputed"] if asked else []
    return wording.capital(", ".join(parts)) + "."


def _waiting(rows: list[Form]) -> Table:
    def args(form: Form) -> list[Any]:
        return [form.first.award.lot.uuid, kpi_periods.due_on(form.first.ends_before, 0).isoformat()]

    columns = [
        Column("lot", "Lot", value=lambda form: f"{form.first.award.lot.framework.name}, {form.first.award.lot}",
               link=lambda form: reverse("kpi-send", args=args(form))),
        Column("until", "Periods that ended on", kind="date",
               value=lambda form: form.first.ends_before - timedelta(days=1)),
        Column("left", "Still to return", value=lambda form: f"{form.left} of {len(form.slots)}"),
        ToneColumn("state", "State", value=lambda form: codes.KPI_STATES[form.state],
                   tone=lambda form: STATE_TONES[form.state]),
        Column("due", "Due", value=lambda form: form.due_on, kind="date"),
        Column("book", "In Excel", value=lambda form: "Workbook",
               link=lambda form: reverse("kpi-template", args=args(form))),
    ]  # fmt: skip
    return Table(
        columns, rows, "Returns that wait for you", per_page=None, noun=("page to fill in", "pages to fill in"),
        empty=EmptyState("Nothing waits for you", "Every figure that is due has been returned, and none is queried."),
    )  # fmt: skip


def _asked(rows: list[Line]) -> Table:
    columns: list[Column] = [
        Column("kpi", "KPI", value=lambda line: line.slot.expected.kpi.name, link=address),
        Column("period", "Period", value=lambda line: period(line.slot)),
        ToneColumn("state", "State", value=lambda line: codes.KPI_STATES[line.state],
                   tone=lambda line: STATE_TONES[line.state]),
        Column("words", "What the lead says", value=_said),
        Column("answer", "Answer", value=lambda line: "Send it again, with words", link=_send),
    ]  # fmt: skip
    return Table(columns, rows, "Queried or disputed", per_page=None, noun=("figure", "figures"))


def _said(line: Line) -> str:
    check: Any = line.slot.checks.get(line.row.pk) if line.row else None
    return check.words if check else ""


def _send(line: Line) -> str:
    """Lot and home are those of the slot, which has them at hand."""
    home = line.row.establishment if line.row and line.row.establishment_id else None
    last = kpi_periods.due_on(line.slot.ends_before, 0).isoformat()
    at = reverse("kpi-send", args=[line.slot.award.lot.uuid, last])
    return f"{at}?home={home.uuid}" if home else at
