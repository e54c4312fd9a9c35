"""Suspensions: which stand, what each authority does about them, and one of them whole."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.rules.terms import last_day

from ..measures.suspended import thing_of
from ..models import Suspension, SuspensionDecision
from ..rules import codes
from ..rules.suspensions import state
from .beside import rooms
from .tones import ToneColumn

NOUN = ("suspension", "suspensions")
STATES = {"in_force": "In force", "planned": "Not begun", "expired": "Expired", "lifted": "Lifted"}
TONES = {"in_force": "harm", "planned": "needs"}
WHICH = {"now": "in force or to come", "over": "over", "all": "all of them"}
OURS = {"none": "not decided yet", **{key: label for key, label in codes.SUSPENSION_DECISIONS.items()}}
DISTINCT = (
    "A suspension is the partnership’s own: no new placements through its frameworks. It is not a restriction by the "
    "regulator, which is shown with the home’s inspections, and it closes nothing: children who live there stay."
)
SHOWN_HISTORY = 10


def state_of(row: Suspension, today: date) -> str:
    return state(row.starts_on, row.expires_on, row.lifted_on, today)


def suspensions_of(request: HttpRequest) -> list[Suspension]:
    """Every one that the viewer may see, newest first, each with `ours`: the viewer's own decision. Two queries."""
    rows = list(
        Suspension.objects.select_related(
            "authority", "provider", "establishment", "award__lot", "award__framework", "suspended_by"
        ).order_by("-starts_on", "-pk")
    )  # fmt: skip
    decided = {}
    if request.user.authority_id:
        mine = SuspensionDecision.objects.filter(authority=request.user.authority_id)
        decided = dict(mine.values_list("suspension", "decision"))
    for row in rows:
        row.ours = decided.get(row.pk, "")  # type: ignore[attr-defined]
    return rows


@allowed("suspensions")
def suspension_list(request: HttpRequest) -> HttpResponse:
    today, officer = timezone.localdate(), bool(request.user.authority_id)
    everything = suspensions_of(request)
    asked = ask(request.GET, _questions(today, officer=officer), everything)
    columns = _columns(today, officer=officer)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Suspensions", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Suspensions", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, bool(everything)),
    )  # fmt: skip
    return render(request, "providers/suspension_list.html", {
        "table": table, "fields": asked.fields, "sentence": sentence, "everything": everything, "distinct": DISTINCT,
        "answer": _answer(everything, today, officer=officer),
    })  # fmt: skip


def _questions(today: date, *, officer: bool) -> list[Question]:
    def which(row: Any, value: str) -> bool:
        return value == "all" or (state_of(row, today) in ("in_force", "planned")) == (value == "now")

    questions = [
        Question("which", "Suspensions", WHICH, which, default="now", always=True),
        Question("reason", "Reason", codes.SUSPENSION_REASONS, lambda row, value: row.reason == value),
    ]
    if officer:
        questions.append(Question("ours", "We", OURS, lambda row, value: (row.ours or "none") == value))
    return questions


def _columns(today: date, *, officer: bool) -> list[Column]:
    columns = [
        Column("thing", "Suspended", value=thing_of, sort="thing",
               link=lambda row: reverse("suspension", args=[row.uuid])),
        ToneColumn("state", "State", value=lambda row: STATES[state_of(row, today)],
                   tone=lambda row: TONES.get(state_of(row, today), "plain")),
        Column("reason", "Reason", value=lambda row: row.get_reason_display(), sort="reason"),
        Column("by", "By", value=lambda row: row.authority.name, sort="by"),
        Column("from", "From", value=lambda row: row.starts_on, kind="date", sort="from"),
        Column("last", "Last day", value=lambda row: row.expires_on and last_day(row.expires_on), kind="date",
               missing="until it is lifted", sort="last"),
        Column("lifted", "Lifted on", value=lambda row: row.lifted_on, kind="date", missing="", sort="lifted"),
    ]  # fmt: skip
    if officer:
        columns.append(
            ToneColumn(
                "ours", "We", value=lambda row: OURS[row.ours or "none"],
                tone=lambda row: "needs" if not row.ours and state_of(row, today) == "in_force" else None,
            )
        )  # fmt: skip
    return columns


def _answer(rows: list[Any], today: date, *, officer: bool) -> str:
    now = [row for row in rows if state_of(row, today) == "in_force"]
    if not now:
        return "Nothing is suspended today."
    said = f"{len(now):,} {'suspension is' if len(now) == 1 else 'suspensions are'} in force."
    undecided = sum(not row.ours for row in now)
    if officer and undecided:
        said += f" On {undecided:,} of them your authority has decided nothing yet: until it does, it follows them."
    return said


def _nothing(request: HttpRequest, everything: bool) -> EmptyState:
    if everything:
        return EmptyState("No suspension like that", "None matches what you asked for.", "Show all", "?which=all")
    why = "A provider, a home or a place on a lot that is suspended appears here, with what lifts it."
    if request.user.may("create", "suspensions"):
        return EmptyState("Nothing is suspended", f"{why} Suspend from its page.", "See the providers", "/providers/")
    return EmptyState("Nothing is suspended", why)


def found_suspension(uuid: UUID) -> Suspension:
    rows = Suspension.objects.select_related(
        "authority", "provider", "establishment", "award__lot", "award__framework", "suspended_by"
    )
    return get_object_or_404(rows, uuid=uuid)


@allowed("suspensions")
def suspension(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = found_suspension(uuid), timezone.localdate()
    stands = state_of(row, today) in ("in_force", "planned")
    decisions = list(
        SuspensionDecision.objects.filter(suspension=row).select_related("authority", "decided_by")
        .order_by("authority__name")
    )  # fmt: skip
    ours = next((each for each in decisions if each.authority_id == request.user.authority_id), None)
    may_change = stands and request.user.may("change", "suspensions")
    mine = row.authority_id == request.user.authority_id
    return render(request, "providers/suspension.html", {
        "row": row, "thing": thing_of(row), "state": STATES[state_of(row, today)],
        "tone": TONES.get(state_of(row, today), "plain"), "answer": _said(row, today), "facts": _facts(row),
        "officer": bool(request.user.authority_id), "ours": ours, "may_change": may_change, "mine": mine,
        "decisions": _decisions(decisions) if request.user.authority_id else None, "distinct": DISTINCT,
        "tables": [table for room in rooms() for table in room.of_suspension(request, row)],
        "history": read_events({
            Suspension: Q(row_id=row.pk), SuspensionDecision: Q(row_id__in=[each.pk for each in decisions])
        }, stop=SHOWN_HISTORY) if request.user.authority_id else None,
    })  # fmt: skip


def _said(row: Suspension, today: date) -> str:
    match state_of(row, today):
        case "lifted":
            return f"Lifted on {wording.day(row.lifted_on)}: {row.lifted_why}"
        case "expired":
            return f"It ended by itself: its last day was {wording.day(last_day(row.expires_on))}."
        case "planned":
            return f"It starts on {wording.day(row.starts_on)}."
    until = f"until {wording.day(last_day(row.expires_on))}" if row.expires_on else "until it is lifted"
    return f"No new placements {until}: {row.get_reason_display().lower()}."


def _facts(row: Suspension) -> list[tuple[str, Any]]:
    scope = "The provider as a whole"
    if row.establishment_id:
        scope = f"One home: {row.establishment.shown_name}"
    elif row.award_id:
        scope = f"Its place on {row.award.lot}, {row.award.framework.name}"
    return [
        ("What is suspended", scope),
        ("Reason", row.get_reason_display()),
        ("What happened", row.words),
        ("What lifts it", row.lifts_when),
        ("From", wording.day(row.starts_on)),
        ("Last day", wording.day(last_day(row.expires_on)) if row.expires_on else "Until it is lifted"),
        ("Suspended by", row.authority.name),
    ]


def _decisions(rows: list[SuspensionDecision]) -> Table:
    columns = [
        Column("authority", "Authority", value=lambda row: row.authority.name),
        Column("decision", "Decision", value=lambda row: row.get_decision_display()),
        Column("words", "Why", missing=""),
        Column("at", "On", value=lambda row: row.decided_at, kind="instant"),
    ]
    return Table(
        columns, rows, "What each authority decided", per_page=None, noun=("authority", "authorities"),
        empty=EmptyState("Nobody has decided yet", "Each authority’s own decision appears here."),
    )  # fmt: skip
