"""Improvement actions: the list of them all, overdue first; one action, and what is done with it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import EmptyState, FilterSentence, Table, ordering
from contracts.pages.referral_words import plural

from ..actions.improvement import (
    agree_action,
    change_proposal,
    may_be_done,
    may_propose_again,
    say_done,
    send_back,
    verify_action,
)
from ..forms_replies import ActionForm, DoneForm, SendBackForm, VerifyForm
from ..forms_visits import ConfirmForm
from ..models import Evidence, ImprovementAction
from ..rules import codes
from .action_words import ACTION_TONES, action_columns, came_from, heading_of, is_late, place_of, state_words
from .saving import saved, state_meanwhile
from .visit_words import due_words, each_once

NOUN = ("action", "actions")
WHOSE = {"ours": "of our visits and meetings", "others": "of other boroughs’ visits"}
FROM = {"visit": "visits", "meeting": "contract meetings"}
WHICH = {"open": "open", "late": "overdue", **{key: words.lower() for key, words in codes.ACTION_STATES.items()}}
SORTS = {"due_on": "due_on", "owner": "owner", "state": "state", "home": "visit__establishment__name"}
SHOWN_HISTORY = 10
# What a row of the list, and so of its file, names.
OF_ROW = ("authority", "provider", "meeting", "visit__establishment", "visit__premises")
WORKING = ("proposed", "agreed", "sent_back")  # the provider still has to act


def _late(today: date) -> Q:
    return Q(state__in=WORKING, due_on__lt=today)


def _rows() -> QuerySet:
    return ImprovementAction.objects.select_related(
        "authority", "provider", "finding", "meeting", "visit__establishment", "visit__premises", "visit__authority",
        "visit__template", "verified_by",
    )  # fmt: skip


@allowed("actions")
def actions(request: HttpRequest) -> HttpResponse:
    today, of_provider = timezone.localdate(), bool(request.user.provider_id)
    questions = [Question("which", "Actions", WHICH), Question("from", "That follow from", FROM)]
    if not of_provider:
        questions.insert(0, Question("whose", "Whose", WHOSE))
    asked = ask(request.GET, questions, [])
    everything = ImprovementAction.objects.count()
    rows = _rows()
    if whose := asked.answers.get("whose"):
        mine = Q(authority=request.user.authority_id)
        rows = rows.filter(mine) if whose == "ours" else rows.exclude(mine)
    if source := asked.answers["from"]:
        rows = rows.filter(meeting__isnull=source == "visit")
    match asked.answers["which"]:
        case "open":
            rows = rows.filter(state__in=codes.OPEN_ACTION_STATES)
        case "late":
            rows = rows.filter(_late(today))
        case state if state:
            rows = rows.filter(state=state)
    columns = action_columns(request, today)
    rows = _ordered(rows, ordering(columns, request.GET.get("sort", "")), today)
    if request.GET.get("format") in FORMATS:
        taken = list(each_once(rows, OF_ROW))
        sentence = FilterSentence(asked.filters, len(taken), everything, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, taken, title="Actions", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Actions", caption_hidden=True, noun=NOUN, empty=_nothing(request, everything),
        downloads=downloads(request) if everything else (),
    )  # fmt: skip
    return render(request, "quality/action_list.html", {
        "table": table, "fields": asked.fields, "everything": everything,
        "sentence": FilterSentence(asked.filters, table.total, everything, NOUN, request.path),
        "answer": _answer(request, today) if everything else "",
    })  # fmt: skip


def _ordered(rows: QuerySet, sort: str, today: date) -> QuerySet:
    """Without a wish: overdue first, then those that are open, by day; closed ones last."""
    if sort:
        column = F(SORTS.get(sort.removeprefix("-"), "due_on"))
        return rows.order_by(column.desc() if sort.startswith("-") else column.asc(), "pk")
    open_ = Q(state__in=codes.OPEN_ACTION_STATES)
    first = Case(
        When(_late(today), then=Value(0)), When(open_, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    return rows.order_by(first, "due_on", "pk")


def _answer(request: HttpRequest, today: date) -> str:
    """ "5 actions are open: 2 are overdue, 1 is done and to be checked." """
    rows = ImprovementAction.objects.filter(state__in=codes.OPEN_ACTION_STATES)
    if not request.user.provider_id:
        rows = rows.filter(authority=request.user.authority_id)
    opened, late = rows.count(), rows.filter(_late(today)).count()
    done, proposed = rows.filter(state="done").count(), rows.filter(state="proposed").count()
    whose = "" if request.user.provider_id else " of ours"
    if not opened:
        return f"No action{whose} is open."
    parts = []
    if late:
        parts.append(f"{late:,} {'is' if late == 1 else 'are'} overdue")
    if proposed:
        parts.append(f"{proposed:,} {'waits' if proposed == 1 else 'wait'} to be agreed")
    if done:
        parts.append(f"{done:,} {'is' if done == 1 else 'are'} done and to be checked")
    told = f": {', '.join(parts)}" if parts else ", none of them overdue"
    return f"{plural(opened, 'action', 'actions')}{whose} {'is' if opened == 1 else 'are'} open{told}."


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState("No action like that", "No action matches everything that you asked for.",
                          "Show all actions", request.path)  # fmt: skip
    return EmptyState("No actions yet", "What providers do about the findings of visits, and what is agreed at "
                      "contract meetings, appears here, with who sees to it and by when.", "See the visits",
                      reverse("visits"))  # fmt: skip


def seen_action(uuid: UUID) -> ImprovementAction:
    return get_object_or_404(_rows(), uuid=uuid)


@allowed("actions")
def action(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = seen_action(uuid), timezone.localdate()
    steps = _steps(request, found)
    return render(request, "quality/action.html", {
        "action": found, "heading": heading_of(found), "steps": steps, "answer": answer_of(found, today),
        "tone": "harm" if is_late(found, today) else ACTION_TONES[found.state], "state": state_words(found, today),
        "facts": _facts(found), "evidence": list(Evidence.objects.filter(action=found).order_by("sent_at")),
        "history": read_events({ImprovementAction: Q(row_id=found.pk)}, stop=SHOWN_HISTORY),
    })  # fmt: skip


def answer_of(found: ImprovementAction, today: date) -> str:
    match found.state:
        case "verified":
            return f"Checked and closed on {wording.day(found.verified_on)}."
        case "done":
            return f"The provider says that it was done on {wording.day(found.done_on)}. It waits to be checked."
        case "proposed":
            return f"The provider proposes this {due_words(found.due_on, today)}. It waits to be agreed."
        case "sent_back":
            return f"Sent back to the provider: {found.sent_back_why}"
    due = due_words(found.due_on, today)
    return f"Agreed; {due if due.startswith('was') else f'it is due {due}'}."


def _facts(found: ImprovementAction) -> list[tuple[Any, ...]]:
    return [
        ("What will be done", found.words),
        ("Who sees to it", found.owner),
        ("By", wording.day(found.due_on)),
        *_origin(found),
        ("How it can be seen that it is done", found.evidence_words or "Not said yet"),
        ("How it was checked", found.verified_how or "Not checked yet"),
    ]


def _origin(found: ImprovementAction) -> list[tuple[Any, ...]]:
    """The finding and the visit it follows from, or the meeting at which it was agreed."""
    place = place_of(found)
    link = (place, "Open") if place else ()
    if found.visit_id:
        return [("About the finding", found.finding.words), ("Visit of", found.authority.name, *link)]
    return [("Agreed at", f"{came_from(found)} of {found.authority.name} with {found.provider.name}", *link)]


def _steps(request: HttpRequest, found: ImprovementAction) -> list[tuple[str, str]]:
    """(words, address) of what the viewer may do next."""
    if not request.user.may("change", "actions"):
        return []
    add = ("Add a photograph or a paper", "action-evidence", found.state != "verified")
    if request.user.provider_id:
        may = [("Say that it is done", "action-done", may_be_done(found)),
               ("Change it", "action-change", may_propose_again(found)), add]  # fmt: skip
    elif request.user.authority_id == found.authority_id:
        may = [("Agree", "action-agree", found.state == "proposed"),
               ("Close it", "action-verify", found.state == "done"),
               ("Send it back", "action-send-back", found.state in ("proposed", "done")), add]  # fmt: skip
    else:
        may = []
    return [(words, reverse(name, args=[found.uuid])) for words, name, now in may if now]


def _step(request: HttpRequest, found: ImprovementAction, form: Any, save: Any, heading: str, **more: Any) -> Any:
    crumbs = [
        ("Actions", reverse("improvement-actions")),
        (came_from(found), reverse("improvement-action", args=[found.uuid])),
    ]
    return saved(
        request, form, save, heading=heading, crumbs=crumbs, back=reverse("improvement-action", args=[found.uuid]),
        meanwhile=state_meanwhile, moves=_facts(found)[: 3 + len(_origin(found)) - 1], **more,
    )  # fmt: skip


def _of_authority(request: HttpRequest, uuid: UUID) -> ImprovementAction:
    found = seen_action(uuid)
    if request.user.provider_id:
        raise Http404("A provider does not do this with its own action.")
    if found.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority whose visit or meeting it was may do that.")
    return found


def _of_provider(request: HttpRequest, uuid: UUID) -> ImprovementAction:
    return seen_action(uuid)  # a provider's contact sees its own alone


@allowed("actions", "change")
def action_agree(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _of_authority(request, uuid)
    form = ConfirmForm(request.POST or None, button="Agree", initial={"version": found.version})

    def save() -> str:
        agree_action(action=found, version=form.cleaned_data["version"], by=request.user)
        return "The action is agreed: every member reads it from now on." if found.visit_id else "The action is agreed."

    return _step(request, found, form, save, "Agree the provider’s action")


@allowed("actions", "change")
def action_send_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _of_authority(request, uuid)
    form = SendBackForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        send_back(action=found, by=request.user, **form.cleaned_data)
        return "The action is back with the provider."

    return _step(request, found, form, save, "Send an action back")


@allowed("actions", "change")
def action_verify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _of_authority(request, uuid)
    form = VerifyForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        verify_action(action=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return "The action is checked and closed."

    return _step(request, found, form, save, "Check an action and close it",
                 answer=f"The provider says: {found.evidence_words}" if found.evidence_words else "")  # fmt: skip


@allowed("actions", "create")
def action_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _of_provider(request, uuid)
    today = timezone.localdate()
    form = DoneForm(
        request.POST or None,
        initial={"version": found.version, "evidence_words": found.evidence_words, "done_on": found.done_on or today},
    )

    def save() -> str:
        say_done(action=found, by=request.user, today=today, **form.cleaned_data)
        return f"{found.authority.name} is told that it is done, and checks it."

    return _step(request, found, form, save, "Say that an action is done",
                 answer=f"Sent back: {found.sent_back_why}" if found.sent_back_why else "")  # fmt: skip


@allowed("actions", "create")
def action_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _of_provider(request, uuid)
    names = ("words", "owner", "due_on", "version")
    form = ActionForm(request.POST or None, initial={name: getattr(found, name) for name in names})

    def save() -> str:
        change_proposal(action=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"{found.authority.name} reads it, and agrees or sends it back."

    return _step(request, found, form, save, "Change an action",
                 answer=f"Sent back: {found.sent_back_why}" if found.sent_back_why else "")  # fmt: skip
