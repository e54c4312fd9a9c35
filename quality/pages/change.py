"""One change at a home: before and after, from where it is known, and what is decided for each child of ours there."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table
from commissioning.partnership.rules.terms import last_day
from contracts.models import Placement
from contracts.pages.watch_forms import saved
from providers.pages.tones import ToneColumn

from ..actions.decide_change import decide_change
from ..actions.hear import end_notice, withdraw
from ..actions.tell_authorities import long_public, title_of, withdrawn_at
from ..forms_watch import DecisionForm, EndNoticeForm, WithdrawForm
from ..measures.affected import affected, others_there, standing
from ..models import Alert, Change, ChangeDecision, Inspection
from ..models.inspections import UNNUMBERED
from ..rules.changes import change as step
from ..rules.changes import limiting
from ..rules.news import LONG_PUBLIC
from ..rules.watch_words import word_of
from . import watch_columns as columns
from .changes import reads_ours

TONE_OF = {"stay": "good", "watch": "needs", "review": "needs", "move": "harm"}
CRUMBS = [("Inspections", "/inspections/"), ("Changes", "/inspections/changes/")]


def _found(uuid: UUID) -> Change:
    rows = Change.objects.select_related(
        "establishment", "provider", "source_import", "notice__heard_authority", "notice__heard_by",
        "inspection__heard_authority", "inspection__heard_by",
    )  # fmt: skip
    return get_object_or_404(rows, uuid=uuid)


@allowed("changes")
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    today, decides = timezone.localdate(), reads_ours(request)
    try:
        found = _found(uuid)
    except Http404:
        # Its file was taken back, and what it told with it: whoever was alerted is told so.
        if not (decides and request.user.may("read", "alerts") and Alert.objects.filter(about=uuid).exists()):
            raise
        return render(request, "quality/change_gone.html", {"alert": Alert.objects.filter(about=uuid).first()})
    stands = standing(Change.objects.filter(pk=found.pk), today).exists()
    ours = _ours(request, found, stands, today) if decides else None
    heard = heard_first(found)
    return render(request, "quality/change.html", {
        "change": found, "title": title_of(found), "facts": _facts(found, heard, today), "ours": ours,
        "answer": _answer(found, ours, stands, today),
        "others": others_there(found.establishment_id, request.user.authority_id or 0),
        "decides": decides, "timeline": reverse("timeline", args=[found.establishment.uuid]),
        "may_withdraw": _may_withdraw(request, found), "may_end": _may_end(request, found),
        "events": history_of(Change, row_uuid=found.uuid) if request.user.may("read", "audit") else None,
    })  # fmt: skip


def heard_first(found: Change) -> Any:
    """What was entered by hand of this change, though a file's numbered event may stand in its place by now."""
    heard = columns.heard_of(found)
    if heard is not None or found.kind != "judgement":
        return heard
    rows = Inspection.objects.filter(establishment=found.establishment, inspected_on=found.happened_on)
    rows = rows.filter(event_number__startswith=UNNUMBERED).exclude(heard_at=None)
    return rows.select_related("heard_authority", "heard_by").first()


def _facts(found: Change, heard: Any, today: Any) -> list[tuple[str, Any]]:
    home = found.establishment
    before = word_of(found.kind, found.before) or "Not yet inspected" if found.kind == "judgement" else found.before
    facts = [
        ("Home", home.shown_name),
        ("Run by", found.provider.name if found.provider else wording.NOT_RECORDED),
        ("Kind of home", home.get_kind_display()),
        ("Before", before or wording.NOT_RECORDED),
        ("Now", word_of(found.kind, found.after)),
        ("On", wording.day(found.happened_on)),
        ("Known since", wording.instant(found.known_at)),
    ]
    inspection = found.inspection
    if found.kind == "judgement":
        facts.insert(5, ("On its own scale", step(found.before or None, found.after)))
        if inspection and (limit := limiting(
            overall=inspection.overall, protection=inspection.protection, leadership=inspection.leadership
        )):  # fmt: skip
            facts.insert(6, ("Limiting judgement", limit))
    if found.notice:
        ends = found.notice.ends_before
        facts.append(("What it says", found.notice.words or wording.NOT_RECORDED))
        facts.append(("Until", wording.day(last_day(ends)) if ends else "Still holds"))
    if found.worse and long_public(found):
        facts.append(("E-mail", LONG_PUBLIC))
    return [*facts, *_from(found, heard)]


def _from(found: Change, heard: Any) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = []
    if heard is not None:
        who = f"{heard.heard_authority} on {wording.instant(heard.heard_at)}" if heard.heard_authority else "a member"
        facts.append(("Heard by", who))
        facts.append(("Heard from", heard.heard_from))
        said = getattr(heard, "overall", "")
        if found.confirmed_at and said and said != found.after:
            facts.append(("The file says otherwise", (
                f"It was heard as {word_of('judgement', said)}. Ofsted’s list says "
                f"{word_of('judgement', found.after)}, and its word stands."
            )))  # fmt: skip
        starts = getattr(heard, "starts_on", None)
        if found.confirmed_at and starts and starts != found.happened_on:
            facts.append(("The file says otherwise", (
                f"It was heard for {wording.day(starts)}. Ofsted’s list says {wording.day(found.happened_on)}."
            )))  # fmt: skip
        if heard.withdrawn_at:
            facts.append(("Withdrawn", f"{wording.instant(heard.withdrawn_at)}: {heard.withdrawn_why}"))
    if found.confirmed_at:
        file = f" from {found.source_import.file_name}" if found.source_import else ""
        row = f", row {found.source_row}" if found.source_row else ""
        says = "In a file since" if heard is None else "Confirmed by a file"
        facts.append((says, f"{wording.instant(found.confirmed_at)}{file}{row}"))
    elif found.kind == "notice":
        facts.append(("Confirmed", "Ofsted’s yearly list does not tell of notices and restrictions."))
    elif not withdrawn_at(found):
        facts.append(("Confirmed", "Not yet: Ofsted’s next list will tell."))
    return facts


def _answer(found: Change, ours: Table | None, stands: bool, today: Any) -> str:
    if withdrawn_at(found):
        return "This was heard in error and is withdrawn. Nothing needs to be decided."
    if ours is None:
        return "Your role does not see whose children live there."
    rows = ours.shown
    here = [row for row in rows if row["here"]]
    if not rows:
        return "No child of ours lived there when it became known, and none lives there today."
    open_ = sum(1 for row in here if row["decision"] is None)
    lived = f"{len(here)} of ours {'lives' if len(here) == 1 else 'live'} there"
    if stands and open_:
        return f"{lived}. {open_} {'waits' if open_ == 1 else 'wait'} for a decision."
    return f"{lived}. {'Every one has a decision.' if here and stands else 'Nothing waits for a decision.'}"


def _ours(request: HttpRequest, found: Change, stands: bool, today: Any) -> Table:
    may = request.user.may("create", "change-decisions")
    made = {row.placement_id: row for row in ChangeDecision.objects.filter(change=found).select_related("decided_by")}
    rows = []
    for home in affected(found, today).select_related("child").order_by("child__number", "starts_on"):
        here = home.starts_on <= today and (home.ends_before is None or home.ends_before > today)
        rows.append({"placement": home, "here": here, "decision": made.get(home.pk)})

    def link(row: dict[str, Any]) -> str | None:
        return reverse("change-decide", args=[found.uuid, row["placement"].uuid]) if may else None

    columns_ = [
        Column("placement", "Placement", value=lambda row: f"Placement {row['placement'].number}",
               link=lambda row: reverse("placement", args=[row["placement"].uuid])),
        Column("child", "Child", value=lambda row: str(row["placement"].child)),
        Column("since", "There since", value=lambda row: row["placement"].starts_on, kind="date"),
        Column("now", "Today", value=lambda row: "Lives there" if row["here"]
               else f"Left on {wording.day(row['placement'].ends_before)}"),
        ToneColumn("decision", "Decision", tone=lambda row: TONE_OF.get(row["decision"].decision, "plain"),
                   value=lambda row: row["decision"] and row["decision"].get_decision_display(),
                   missing="none yet"),
        Column("why", "Why", value=lambda row: row["decision"] and row["decision"].why, missing=""),
        Column("by", "By", missing="", value=lambda row: row["decision"] and _by(row["decision"])),
        Column("do", "Decide", value=lambda row: ("Change" if row["decision"] else "Decide") if may else "", link=link,
               missing=""),
    ]  # fmt: skip
    return Table(columns_, rows, "Placements of ours", per_page=None, noun=("placement", "placements"))


def _by(decision: ChangeDecision) -> str:
    who = f"{decision.decided_by}, " if decision.decided_by else ""
    return f"{who}{wording.day(decision.decided_at)}"


@allowed("change-decisions", "create")
def decide(request: HttpRequest, uuid: UUID, placement: UUID) -> HttpResponse:
    found = _found(uuid)
    home = get_object_or_404(
        Placement.objects.select_related("child"), uuid=placement, establishment=found.establishment_id
    )
    made = ChangeDecision.objects.filter(change=found, placement=home).first()
    initial = {"version": made.version if made else 0}
    if made:
        initial |= {"decision": made.decision, "why": made.why}
    form = DecisionForm(request.POST or None, initial=initial)
    return saved(
        request, form,
        lambda: decide_change(change=found, placement=home, by=request.user, now=timezone.now(), **form.cleaned_data),
        says=f"What is decided for {home.child} is recorded.", then=reverse("change", args=[found.uuid]),
        heading=f"{home.child}: after what changed at the home", crumb="Decide", crumbs=_crumbs(found),
        answer=f"{title_of(found)}. {home.child} has lived there since {wording.day(home.starts_on)}.",
        template="quality/decide.html",
        events=history_of(ChangeDecision, row_uuid=made.uuid) if made else None,
    )  # fmt: skip


def _crumbs(found: Change) -> list[tuple[str, str]]:
    return [*CRUMBS, (found.establishment.shown_name, reverse("change", args=[found.uuid]))]


def _may_withdraw(request: HttpRequest, found: Change) -> bool:
    heard = columns.heard_of(found)
    return bool(
        heard and found.confirmed_at is None and heard.withdrawn_at is None and request.user.authority_id
        and heard.heard_authority_id == request.user.authority_id and request.user.may("create", "changes")
    )  # fmt: skip


def _may_end(request: HttpRequest, found: Change) -> bool:
    notice = found.notice
    return bool(
        notice and notice.withdrawn_at is None and notice.ends_before is None and request.user.may("create", "changes")
    )


@allowed("changes", "create")
def withdraw_heard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    form = WithdrawForm(request.POST or None)
    return saved(
        request, form,
        lambda: withdraw(
            change=found, authority_id=request.user.authority_id, by=request.user, now=timezone.now(),
            **form.cleaned_data,
        ),
        says="It is withdrawn. Whoever was told is told that it was wrong.", then=reverse("change", args=[found.uuid]),
        heading=f"{found.establishment.shown_name}: withdraw what was heard", crumb="Withdraw", crumbs=_crumbs(found),
        answer=f"{title_of(found)}. It counts no longer, and stays on the record with the reason.",
    )  # fmt: skip


@allowed("changes", "create")
def end_heard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    if found.notice is None:
        raise Http404
    form = EndNoticeForm(request.POST or None)
    return saved(
        request, form,
        lambda: end_notice(notice=found.notice, by=request.user, today=timezone.localdate(), **form.cleaned_data),
        says="It is recorded that it holds no longer.", then=reverse("change", args=[found.uuid]),
        heading=f"{found.establishment.shown_name}: it holds no longer", crumb="Holds no longer", crumbs=_crumbs(found),
        answer=f"{title_of(found)}.",
    )  # fmt: skip
