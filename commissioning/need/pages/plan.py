"""The action plan of a sufficiency strategy: what is to be done, by when, and which statements it serves."""

from collections import Counter
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Statement, StatementSet
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.plans import link_statements, meet_milestone, tell_progress
from ..forms import MetForm, ProgressForm, StatementsForm
from ..models import Milestone, PlannedAction
from ..rules import codes

NOUN = ("action", "actions")
TONES = {"planned": "plain", "under_way": "ours", "done": "good", "dropped": "plain"}


def month(day: date) -> str:
    return f"{day:%B %Y}"


def planned() -> QuerySet:
    in_order = Prefetch("milestones", Milestone.objects.order_by("due_on", "pk"))
    return PlannedAction.objects.select_related("authority", "statement_set").prefetch_related(in_order)


def next_milestone(row: PlannedAction) -> Milestone | None:
    """The first that is not met, of an action that goes on."""
    if row.state in ("done", "dropped"):
        return None
    return next((each for each in row.milestones.all() if each.met_on is None), None)


def is_late(row: PlannedAction, today: date) -> bool:
    """The month of the next milestone is over."""
    due = next_milestone(row)
    return due is not None and (due.due_on.year, due.due_on.month) < (today.year, today.month)


@allowed("plans")
def plan(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    everything = list(planned().order_by("authority__name", "number"))
    asked = ask(request.GET, _questions(request, everything, today), everything)
    columns = _columns(today, one=len({row.authority_id for row in asked.rows}) <= 1)
    rows = asked.rows
    if request.GET.get("sort"):
        rows = sort_rows(rows, columns, ordering(columns, request.GET["sort"]))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Action plan", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Planned actions", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, bool(everything)),
    )  # fmt: skip
    number = asked.answers.get("statement", "")
    return render(request, "need/plan.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "everything": everything,
        "answer": _answer(asked.rows, today) if asked.rows else "", "number": number,
        "statement": _words_of(number) if number else "", "may_load": request.user.may("import", "plans"),
    })  # fmt: skip


def _questions(request: HttpRequest, rows: list[PlannedAction], today: date) -> list[Question]:
    authorities = {row.authority.slug: row.authority.name for row in rows}
    mine = request.user.authority.slug if request.user.authority_id else ""
    numbers = sorted({number for row in rows for number in row.statements})
    return [
        Question("whose", "Plan of", by_words(authorities), lambda row, value: row.authority.slug == value,
                 default=mine if mine in authorities else ""),
        Question("area", "Area", by_words({row.area: row.area for row in rows}), lambda row, value: row.area == value),
        Question("statement", "Serving statement", {str(n): str(n) for n in numbers},
                 lambda row, value: int(value) in row.statements),
        Question("state", "State", codes.PLAN_STATES | {"late": "behind its milestone"},
                 lambda row, value: is_late(row, today) if value == "late" else row.state == value),
    ]  # fmt: skip


def _words_of(number: str) -> str:
    of_set = StatementSet.objects.in_use().filter(code="southwark").first()
    found = Statement.objects.filter(statement_set=of_set, number=int(number)).first() if of_set else None
    return str(found) if found else ""


def _columns(today: date, *, one: bool) -> list[Column]:
    def due(row: PlannedAction) -> str | None:
        found = next_milestone(row)
        return f"{month(found.due_on)} {found.words}".strip() if found else None

    columns = [
        Column("words", "Action", link=lambda row: reverse("planned-action", args=[row.uuid])),
        Column("area", "Area", sort="area"),
        Column("leads", "Led by", value=lambda row: "; ".join(row.lead_roles) or None),
        Column("next", "Next milestone", value=due, missing="none open"),
        Column("met", "Milestones met", missing="none set", value=lambda row: _met(row)),
        ToneColumn("state", "State", sort="state",
                   value=lambda row: f"{row.get_state_display()}, behind" if is_late(row, today)
                   else row.get_state_display(),
                   tone=lambda row: "needs" if is_late(row, today) else TONES[row.state]),
        Column("statements", "Statements", value=lambda row: ", ".join(map(str, row.statements)) or None,
               missing="none linked"),
    ]  # fmt: skip
    if not one:
        columns.insert(1, Column("whose", "Plan of", value=lambda row: row.authority.name, sort="whose"))
    return columns


def _met(row: PlannedAction) -> str | None:
    every = list(row.milestones.all())
    return f"{sum(each.met_on is not None for each in every)} of {len(every)}" if every else None


def _answer(rows: list[PlannedAction], today: date) -> str:
    """ "22 actions: 3 done, 5 under way, 14 planned; 9 are behind their milestone." """
    states = Counter(row.state for row in rows)
    parts = [f"{states[key]} {words.lower()}" for key, words in codes.PLAN_STATES.items() if states[key]]
    late = sum(is_late(row, today) for row in rows)
    said = f"{len(rows)} {NOUN[0] if len(rows) == 1 else NOUN[1]}: {', '.join(parts)}"
    if not late:
        return f"{said}; none is behind its milestone."
    return f"{said}; {late} {'is behind its' if late == 1 else 'are behind their'} milestone."


def _nothing(request: HttpRequest, everything: bool) -> EmptyState:
    if everything:
        return EmptyState("No action like that", "None matches everything that you asked for.", "Show all", "?")
    why = "What your strategy says that you will do appears here, with its milestones and the statements it serves."
    if request.user.may("import", "plans"):
        return EmptyState("No plan yet", why, "Load its file", "/imports/")
    return EmptyState("No plan yet", why)


def seen(uuid: UUID) -> PlannedAction:
    return get_object_or_404(planned(), uuid=uuid)


def _own(request: HttpRequest, uuid: UUID) -> PlannedAction:
    row = seen(uuid)
    if row.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority whose plan it is changes it.")
    return row


def _crumbs(row: PlannedAction) -> list[tuple[str, str]]:
    return [("Action plan", reverse("plan")), (f"Action {row.number}", reverse("planned-action", args=[row.uuid]))]


@allowed("plans")
def action(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = seen(uuid), timezone.localdate()
    may = row.authority_id == request.user.authority_id and request.user.may("change", "plans")
    serves = Statement.objects.filter(statement_set=row.statement_set_id, number__in=row.statements)
    late = is_late(row, today)
    return render(request, "need/action.html", {
        "row": row, "may": may, "today": today, "tone": "needs" if late else TONES[row.state],
        "state": f"{row.get_state_display()}, behind its milestone" if late else row.get_state_display(),
        "milestones": [(each, month(each.due_on)) for each in row.milestones.all()],
        "serves": serves.order_by("number"), "history": history_of(PlannedAction, row_uuid=row.uuid),
        "facts": [
            ("Plan of", row.authority.name), ("Area", row.area), ("Led by", "; ".join(row.lead_roles) or None),
            ("Measured by", row.indicators or None), ("Progress", row.progress or "Nothing said yet"),
        ],
    })  # fmt: skip


@allowed("plans", "change")
def action_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = ProgressForm(
        request.POST or None, initial={"version": row.version, "state": row.state, "progress": row.progress}
    )

    def save() -> tuple[str, str]:
        tell_progress(action=row, by=request.user, **form.cleaned_data)
        return "The progress is saved: every member reads it.", reverse("planned-action", args=[uuid])

    return saved(request, form, save, heading=f"Progress: {row.words}", crumb="Progress", crumbs=_crumbs(row))


@allowed("plans", "change")
def action_statements(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    of_set = row.statement_set or StatementSet.objects.in_use().order_by("pk").first()
    statements = list(Statement.objects.filter(statement_set=of_set).order_by("number")) if of_set else []
    form = StatementsForm(
        request.POST or None, statements=statements, initial={"version": row.version, "statements": row.statements}
    )

    def save() -> tuple[str, str]:
        link_statements(
            action=row, version=form.cleaned_data["version"], statement_set=of_set,
            numbers=form.cleaned_data["statements"], by=request.user,
        )  # fmt: skip
        return "The statements are saved.", reverse("planned-action", args=[uuid])

    return saved(request, form, save, heading=f"Statements served: {row.words}", crumb="Statements",
                 crumbs=_crumbs(row))  # fmt: skip


@allowed("plans", "change")
def milestone_met(request: HttpRequest, uuid: UUID, milestone: UUID) -> HttpResponse:
    row = _own(request, uuid)
    found = get_object_or_404(Milestone.objects.filter(planned_action=row), uuid=milestone)
    form = MetForm(request.POST or None, initial={"version": found.version, "met_on": found.met_on})

    def save() -> tuple[str, str]:
        meet_milestone(milestone=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        says = f"Met on {wording.day(found.met_on)}." if found.met_on else "It stands as not met."
        return says, reverse("planned-action", args=[uuid])

    what = f"{month(found.due_on)} {found.words}".strip()
    return saved(request, form, save, heading=f"Milestone: {what}", crumb="Milestone", crumbs=_crumbs(row),
                 answer=row.words)  # fmt: skip
