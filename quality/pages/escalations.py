"""Letters and notices to providers: what stands, what is past its deadline, and how each ended."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from providers.models import Establishment, Provider
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.escalate import end_escalation, escalate, share_escalation
from ..forms_escalations import EndForm, EscalateForm, ShareForm
from ..models import Escalation
from ..rules import codes
from ..rules.ladder import CONSIDER_AFTER, consider_termination, counted

NOUN = ("step", "steps")
WHICH = {"open": "open", "late": "past their deadline", "ended": "ended", "all": "all of them"}


def is_late(row: Escalation, today: date) -> bool:
    """Open, and its last day is over: on the deadline itself it is in time."""
    return row.state == "open" and row.deadline_on is not None and row.deadline_on < today


@allowed("escalations")
def escalation_list(request: HttpRequest) -> HttpResponse:
    today, mine = timezone.localdate(), request.user.authority_id
    everything = list(
        Escalation.objects.select_related("authority", "provider", "establishment").order_by("-sent_on", "-pk")
    )
    asked = ask(request.GET, _questions(today, mine), everything)
    columns = _columns(today, officer=bool(mine))
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, rows, title="Letters and notices", sentence=sentence
        )
    table = Table.for_request(
        request, columns, rows, "Letters and notices", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, bool(everything)),
    )  # fmt: skip
    return render(request, "quality/escalation_list.html", {
        "table": table, "fields": asked.fields, "sentence": sentence, "everything": everything,
        "answer": _answer(everything, today), "officer": bool(mine),
        "consider": _consider(everything) if mine else [], "after": CONSIDER_AFTER,
        "may_create": request.user.may("create", "escalations"),
        "may_read_concerns": request.user.may("read", "concerns"),
    })  # fmt: skip


def _questions(today: date, mine: int | None) -> list[Question]:
    def which(row: Any, value: str) -> bool:
        return {"open": row.state == "open", "late": is_late(row, today), "ended": row.state != "open"}.get(value, True)

    questions = [
        Question("which", "Steps", WHICH, which, default="open", always=True),
        Question("stage", "What was sent", codes.ESCALATION_STAGES, lambda row, value: row.stage == value),
    ]
    if mine:
        whose = {"ours": "ours", "others": "shared by others"}
        questions.append(
            Question("whose", "Whose", whose, lambda row, value: (row.authority_id == mine) == (value == "ours"))
        )
    return questions


def _state(row: Escalation, today: date) -> str:
    return "Past its deadline" if is_late(row, today) else row.get_state_display()


def _columns(today: date, *, officer: bool) -> list[Column]:
    columns = [
        Column("stage", "What was sent", value=lambda row: row.get_stage_display(), sort="stage",
               link=lambda row: reverse("escalation", args=[row.uuid])),
        Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider"),
        Column("home", "Home", value=lambda row: row.establishment.shown_name if row.establishment_id else None,
               missing="the provider as a whole"),
        Column("by", "By", value=lambda row: row.authority.name, sort="by"),
        Column("sent", "Sent on", value=lambda row: row.sent_on, kind="date", sort="sent"),
        Column("deadline", "Deadline", value=lambda row: row.deadline_on, kind="date", missing="none",
               sort="deadline"),
        ToneColumn("state", "State", value=lambda row: _state(row, today),
                   tone=lambda row: "harm" if is_late(row, today) or row.state == "missed" else "needs"
                   if row.state == "open" else "plain"),
        Column("ended", "Ended on", value=lambda row: row.ended_on, kind="date", missing=""),
    ]  # fmt: skip
    return columns if officer else [column for column in columns if column.key != "provider"]


def _answer(rows: list[Escalation], today: date) -> str:
    if not rows:
        return ""
    still, late = sum(row.state == "open" for row in rows), sum(is_late(row, today) for row in rows)
    if not still:
        return "No letter or notice is open."
    said = f"{still:,} {'step is' if still == 1 else 'steps are'} open"
    return (
        f"{said}, {late:,} past {'its' if late == 1 else 'their'} deadline."
        if late
        else f"{said}, none past its deadline."
    )


def _consider(rows: list[Escalation]) -> list[tuple[Provider, int]]:
    """Providers with so many default notices that termination is considered, ours and those shared with us."""
    steps: dict[Provider, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        steps[row.provider].append((row.stage, row.state))
    found = [(provider, counted(theirs)) for provider, theirs in steps.items() if consider_termination(theirs)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def _nothing(request: HttpRequest, everything: bool) -> EmptyState:
    if everything:
        return EmptyState("No step like that", "None matches everything that you asked for.", "Show all", "?which=all")
    why = "A letter or a notice to a provider appears here, with its deadline and how it ended."
    if request.user.may("create", "escalations"):
        return EmptyState("No letters or notices yet", why, "Record one", reverse("escalation-new"))
    return EmptyState("No letters or notices yet", why)


def _found(uuid: UUID) -> Escalation:
    return get_object_or_404(Escalation.objects.select_related("authority", "provider", "establishment"), uuid=uuid)


def _own(request: HttpRequest, uuid: UUID) -> Escalation:
    row = _found(uuid)
    if row.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority that sent it changes it.")
    return row


@allowed("escalations")
def escalation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = _found(uuid), timezone.localdate()
    own = row.authority_id == request.user.authority_id
    steps = list(
        Escalation.objects.filter(provider=row.provider).select_related("authority", "provider", "establishment")
        .order_by("sent_on", "pk")
    )  # fmt: skip
    ladder = [(step.stage, step.state) for step in steps]
    return render(request, "quality/escalation.html", {
        "row": row, "state": _state(row, today), "tone": "harm" if is_late(row, today) else "plain", "own": own,
        "answer": _said(row, today), "facts": _facts(row), "may_change": own and request.user.may(
            "change", "escalations"),
        "log": Table(_columns(today, officer=True), steps, f"The log with {row.provider.name}", per_page=None,
                     noun=NOUN),
        "consider": bool(request.user.authority_id) and consider_termination(ladder), "notices": counted(ladder),
        "history": history_of(Escalation, row_uuid=row.uuid) if own else None,
    })  # fmt: skip


def _said(row: Escalation, today: date) -> str:
    if row.state != "open":
        return f"{row.get_state_display()} on {wording.day(row.ended_on)}: {row.ended_why}"
    if row.deadline_on is None:
        return f"Sent on {wording.day(row.sent_on)}, without a deadline."
    left = (row.deadline_on - today).days
    if left < 0:
        return f"Its deadline, {wording.day(row.deadline_on)}, is over. Was it put right?"
    days = "today" if not left else f"in {left:,} {'day' if left == 1 else 'days'}"
    return f"To be put right by {wording.day(row.deadline_on)}: {days}."


def _facts(row: Escalation) -> list[tuple[str, Any]]:
    return [
        ("What was sent", row.get_stage_display()),
        ("To", row.provider.name),
        ("About", row.establishment.shown_name if row.establishment_id else "The provider as a whole"),
        ("Why", row.reason),
        ("Sent on", wording.day(row.sent_on)),
        ("Deadline", wording.day(row.deadline_on) if row.deadline_on else "None"),
        ("By", row.authority.name),
        ("Who reads it", f"{row.authority.name} and the provider" + (", and every member" if row.to_members else "")),
    ]


@allowed("escalations", "create")
def escalation_new(request: HttpRequest) -> HttpResponse:
    form = EscalateForm(request.POST or None, initial={"sent_on": timezone.localdate(), **_named(request)})

    def save() -> tuple[str, str]:
        given = dict(form.cleaned_data)
        made = escalate(
            authority_id=request.user.authority_id, establishment=given.pop("home"), by=request.user,
            today=timezone.localdate(), **given,
        )  # fmt: skip
        says = f"{made.get_stage_display()} to {made.provider.name} is recorded. The provider reads it here."
        return says, reverse("escalation", args=[made.uuid])

    return saved(
        request, form, save, heading="Record a letter or a notice", crumb="Record", crumbs=_crumbs(),
        answer="A concern letter first, then a default notice with a deadline. A notice that is withdrawn stays on the "
        "record.",
    )  # fmt: skip


def _named(request: HttpRequest) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, model in (("home", Establishment), ("provider", Provider)):
        try:
            row = model.objects.filter(uuid=UUID(request.GET.get(name, ""))).first()
        except ValueError:
            continue
        if isinstance(row, Establishment):
            found |= {"home": row.urn, "provider": row.provider.name if row.provider else ""}
        elif row is not None:
            found["provider"] = row.name
    return found


@allowed("escalations", "change")
def escalation_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = EndForm(request.POST or None, initial={"version": row.version, "ended_on": timezone.localdate()})

    def save() -> tuple[str, str]:
        end_escalation(escalation=row, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"{row.get_stage_display()}: {row.get_state_display().lower()}.", reverse("escalation", args=[uuid])

    return saved(request, form, save, heading=f"{row.get_stage_display()}: how it ended", crumb="How it ended",
                 crumbs=_of(row), answer=_said(row, timezone.localdate()))  # fmt: skip


@allowed("escalations", "change")
def escalation_share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = ShareForm(request.POST or None, initial={"version": row.version})

    def save() -> tuple[str, str]:
        share_escalation(escalation=row, by=request.user, **form.cleaned_data)
        return "Every member reads it.", reverse("escalation", args=[uuid])

    return saved(
        request, form, save, heading=f"{row.get_stage_display()}: share it", crumb="Share", crumbs=_of(row),
        answer=f"Every member would read: “{row.reason}” This cannot be taken back.",
    )  # fmt: skip


def _crumbs() -> list[tuple[str, str]]:
    return [("Letters and notices", reverse("escalations"))]


def _of(row: Escalation) -> list[tuple[str, str]]:
    return [*_crumbs(), (row.get_stage_display(), reverse("escalation", args=[row.uuid]))]
