"""One notifiable event: what every member reads, what only we were told, and who has acknowledged it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.exports import file_name
from commissioning.kernel.exports.workbook import CONTENT_TYPE as XLSX
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.models import Establishment, Premises
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.notify_event import acknowledge_event, close_event, may_know, notify_event, tell_authority
from ..exports_events import events_template
from ..forms_events import AcknowledgeForm, CloseEventForm, NotifyForm, RecordForm, TellForm
from ..models import EventNotice, NotifiableEvent
from ..rules import codes
from ..rules.lateness import RULE
from .events import is_late, lateness_of

MOST_PREMISES = 200


def _crumbs() -> list[tuple[str, str]]:
    return [("Notifiable events", reverse("events"))]


def found_event(uuid: UUID) -> NotifiableEvent:
    rows = NotifiableEvent.objects.select_related("provider", "establishment", "premises__establishment")
    return get_object_or_404(rows, uuid=uuid)


@allowed("notifiable-events")
def event(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, mine = found_event(uuid), request.user.authority_id
    notice = EventNotice.objects.select_related("acknowledged_by").filter(event=row, authority=mine).first()
    here = bool(mine) and may_know(row, mine)
    may_read_words = request.user.may("read", "concerns")
    waits = bool(mine) and (here or notice is not None) and (notice is None or notice.acknowledged_at is None)
    may_change = request.user.may("change", "notifiable-events")
    return render(request, "quality/event.html", {
        "row": row, "facts": _facts(row), "answer": _answer(row), "rule": RULE, "late": is_late(row),
        "ours": _ours(notice, here, may_read_words=may_read_words) if mine else "",
        "words": notice.words if notice and may_read_words else "", "here": here,
        "may_acknowledge": waits and may_change,
        "may_close": (here or notice is not None) and row.closed_on is None and may_change,
        "may_tell": request.user.may("create", "notifiable-events"),
        "notices": _notices(row) if request.user.provider_id else None,
    })  # fmt: skip


def _answer(row: NotifiableEvent) -> str:
    return (
        f"{row.get_theme_display()} at {row.establishment.shown_name} on {wording.instant(row.happened_at)}. "
        f"Told: {lateness_of(row)[0].lower()}{lateness_of(row)[1:]}."
    )


def _facts(row: NotifiableEvent) -> list[tuple[str, Any]]:
    return [
        ("What happened", row.get_theme_display()),
        ("Regulation", row.get_rule_display()),
        ("Provider", row.provider.name),
        ("Home", row.establishment.shown_name),
        ("Premises", row.premises.shown_name if row.premises_id else "Not recorded for one of them alone"),
        ("Happened", wording.instant(row.happened_at)),
        ("Notice received", wording.instant(row.received_at)),
        ("Regulator told", wording.instant(row.regulator_told_at) if row.regulator_told_at else None),
        ("The provider’s reference", row.reference or None),
        ("Closed on", wording.day(row.closed_on) if row.closed_on else "Open"),
    ]


def _ours(notice: EventNotice | None, here: bool, *, may_read_words: bool) -> str:
    if notice is None:
        if here:
            return "The provider did not name your authority, and children of yours live at this home."
        return "The provider did not name your authority, and no child of yours lives at this home."
    said = f"Your authority was told on {wording.instant(notice.told_at)}."
    if notice.acknowledged_at:
        who = f" by {notice.acknowledged_by.name}" if notice.acknowledged_by_id else ""
        said += f" It was acknowledged on {wording.instant(notice.acknowledged_at)}{who}."
    if notice.words and not may_read_words:
        said += " What concerns a child is shown to those who work with children."
    return said


def _notices(row: NotifiableEvent) -> Table:
    rows = list(EventNotice.objects.filter(event=row).select_related("authority").order_by("authority__name"))
    columns = [
        Column("authority", "Authority", value=lambda each: each.authority.name),
        Column("told", "Told", value=lambda each: each.told_at, kind="instant"),
        ToneColumn("state", "State", tone=lambda each: "good" if each.acknowledged_at else "needs",
                   value=lambda each: "Acknowledged" if each.acknowledged_at else "Not acknowledged yet"),
        Column("at", "Acknowledged", value=lambda each: each.acknowledged_at, kind="instant", missing=""),
        Column("said", "Its word to you", value=lambda each: each.acknowledged_words or None, missing=""),
        Column("words", "What you told it of its child", value=lambda each: each.words or None, missing="nothing"),
    ]  # fmt: skip
    return Table(
        columns, rows, "Who was told", per_page=None, noun=("authority", "authorities"),
        empty=EmptyState("Nobody was named", "Every authority that places children there is told all the same.",
                         "Tell an authority", reverse("event-tell", args=[row.uuid])),
    )  # fmt: skip


@allowed("notifiable-events", "create")
def event_new(request: HttpRequest) -> HttpResponse:
    return _notify(request) if request.user.provider_id else _record(request)


def _notify(request: HttpRequest) -> HttpResponse:
    kinds = [kind for kinds in codes.KINDS_FOR_RULE.values() for kind in kinds]
    homes = Establishment.objects.filter(provider=request.user.provider_id, kind__in=kinds).order_by("name", "urn")
    premises = Premises.objects.filter(establishment__in=homes, left_on=None).select_related("establishment")
    few = 0 < premises.count() <= MOST_PREMISES
    form = NotifyForm(
        request.POST or None, homes=homes, premises=premises.order_by("establishment__urn", "name", "pk") if few else
        None, initial={"home": request.GET.get("home", "")},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        now, home = timezone.now(), form.cleaned_data["home"]
        told = form.told()
        made = notify_event(
            establishment=home, rule=_rule_of(home), received_at=now, by=request.user, now=now, told=told,
            premises=form.cleaned_data.get("premises"), **form.facts(),
        )  # fmt: skip
        names = ", ".join(each.name for each in told)
        return f"The event is notified. Told at once: {names}.", reverse("event", args=[made.uuid])

    return saved(
        request, form, save, heading="Notify an event", crumb="Notify an event", crumbs=_crumbs(),
        answer="Every member reads what happened, where and when: nothing about a child goes there. What concerns a "
        "child is written for its own authority, and only that one reads it. The authorities are told the moment you "
        "send this.",
    )  # fmt: skip


def _record(request: HttpRequest) -> HttpResponse:
    form = RecordForm(request.POST or None, initial={"home": _urn(request), "ours": True})

    def save() -> tuple[str, str]:
        given, now = form.cleaned_data, timezone.now()
        made = notify_event(
            establishment=given["home"], rule=_rule_of(given["home"]), by=request.user, now=now,
            told={request.user.authority: given["words"]} if given["ours"] else {}, **form.facts(),
        )  # fmt: skip
        return "The notice is recorded. Every authority with children there is told.", reverse(
            "event", args=[made.uuid]
        )

    return saved(
        request, form, save, heading="Record a notice of an event", crumb="Record a notice", crumbs=_crumbs(),
        answer="For a notice that came by post or e-mail. Every member reads what happened, where and when: nothing "
        "about a child goes there.",
    )  # fmt: skip


def _urn(request: HttpRequest) -> str:
    try:
        home = Establishment.objects.filter(uuid=UUID(request.GET.get("home", ""))).first()
    except ValueError:
        return ""
    return home.urn if home else ""


def _rule_of(home: Establishment) -> str:
    """The regulation follows from the kind of registration; "" where none of ours is for it."""
    return next((rule for rule, kinds in codes.KINDS_FOR_RULE.items() if home.kind in kinds), "")


@allowed("notifiable-events", "change")
def event_acknowledge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = found_event(uuid)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)

    def save() -> tuple[str, str]:
        acknowledge_event(
            event=row, authority_id=request.user.authority_id, by=request.user, now=timezone.now(), **form.cleaned_data
        )
        return f"{request.user.body_name} has acknowledged it. The provider sees that.", reverse("event", args=[uuid])

    return saved(
        request, form, save, heading="Acknowledge the event", crumb="Acknowledge", crumbs=_of(row),
        answer=_answer(row),
    )  # fmt: skip


@allowed("notifiable-events", "change")
def event_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = found_event(uuid)
    form = CloseEventForm(request.POST if request.method == "POST" else None)

    def save() -> tuple[str, str]:
        close_event(event=row, authority_id=request.user.authority_id, by=request.user, now=timezone.now())
        return "The event is closed.", reverse("event", args=[uuid])

    return saved(
        request, form, save, heading="Close the event", crumb="Close", crumbs=_of(row),
        answer=f"{_answer(row)} Close it once nothing more is expected of it: it is closed for every member.",
    )  # fmt: skip


@allowed("notifiable-events", "create")
def event_tell(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more authority told, by the provider; or what came to an officer's own authority by post."""
    row, ours = found_event(uuid), request.user.authority
    form = TellForm(request.POST if request.method == "POST" else None, ours=bool(ours))

    def save() -> tuple[str, str]:
        given = form.cleaned_data
        told = ours or given["authority"]
        tell_authority(event=row, authority=told, words=given["words"], by=request.user, now=timezone.now())
        return f"{told.name} is told.", reverse("event", args=[uuid])

    heading = "Record what our authority was told" if ours else "Tell another authority"
    return saved(request, form, save, heading=heading, crumb=heading, crumbs=_of(row), answer=_answer(row))


def _of(row: NotifiableEvent) -> list[tuple[str, str]]:
    return [*_crumbs(), (row.get_theme_display(), reverse("event", args=[row.uuid]))]


@allowed("notifiable-events", "create")
def template(request: HttpRequest) -> HttpResponse:
    """The blank template of events."""
    viewer, now = request.user.body_name, timezone.now()
    response = HttpResponse(events_template(viewer=viewer, made_at=now), content_type=XLSX)
    name = file_name("notifiable events template", viewer, timezone.localdate(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
