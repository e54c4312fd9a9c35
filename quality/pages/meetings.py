"""Contract meetings: ours with every provider, or a provider's own with every authority that told it of one."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from contracts.pages.referral_words import plural
from providers.models import Provider
from providers.pages.tones import ToneColumn

from ..rules import codes
from .asked import uuid_of
from .meeting_words import STATE_TONES, about, meetings

NOUN = ("meeting", "meetings")
OPEN = Q(actions__state__in=codes.OPEN_ACTION_STATES)
SORTS = {"day": "day", "provider": "provider__name", "state": "state", "open": "open_actions"}


def is_unrecorded(row: Any, today: date) -> bool:
    """Its day is over, and nobody has said whether it was held."""
    return row.state == "planned" and row.planned_on < today


@allowed("contract-meetings")
def meeting_list(request: HttpRequest) -> HttpResponse:
    today, of_provider = timezone.localdate(), bool(request.user.provider_id)
    rows, named = _rows(request)
    asked = ask(request.GET, [Question("state", "Meetings", codes.MEETING_STATES)], ())
    everything = rows.count()
    chosen = rows.filter(state=asked.answers["state"]) if asked.answers["state"] else rows
    columns = _columns(today, of_provider=of_provider)
    sort = ordering(columns, request.GET.get("sort", ""), "-day")
    by = F(SORTS[sort.removeprefix("-")])
    chosen = chosen.order_by(by.desc() if sort.startswith("-") else by.asc(), "-pk")
    sentence = FilterSentence(asked.filters, chosen.count(), everything, NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, list(chosen), title="Contract meetings", sentence=sentence
        )
    table = Table.for_request(
        request, columns, chosen, "Contract meetings", default_sort="-day", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, everything),
    )  # fmt: skip
    return render(request, "quality/meeting_list.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "everything": everything, "named": named,
        "answer": _answer(rows, today, of_provider=of_provider) if everything else "", "of_provider": of_provider,
        "may_plan": request.user.may("create", "contract-meetings"),
    })  # fmt: skip


def _rows(request: HttpRequest) -> tuple[QuerySet, Provider | None]:
    """Of ?provider= alone where the address names one."""
    rows = meetings().annotate(
        day=Coalesce("held_on", "planned_on"), open_actions=Count("actions", filter=OPEN), agreed=Count("actions")
    )  # fmt: skip
    key = uuid_of(request.GET.get("provider"))
    named = Provider.objects.filter(uuid=key).first() if key else None
    return (rows.filter(provider=named) if named else rows), named


def _columns(today: date, *, of_provider: bool) -> list[Column]:
    whom = (
        Column("authority", "With", value=lambda row: row.authority.name)
        if of_provider
        else Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider",
                    link=lambda row: reverse("provider", args=[row.provider.uuid]))
    )  # fmt: skip
    return [
        Column("meeting", "Meeting", value=str, link=lambda row: reverse("contract-meeting", args=[row.uuid])),
        whom,
        Column("about", "About", value=about),
        Column("day", "Day", kind="date", sort="day"),
        ToneColumn("state", "State", sort="state",
                   value=lambda row: "To be recorded" if is_unrecorded(row, today) else row.get_state_display(),
                   tone=lambda row: "needs" if is_unrecorded(row, today) else STATE_TONES[row.state]),
        Column("agreed", "Actions agreed", kind="number"),
        Column("open", "Of these open", value=lambda row: row.open_actions, kind="number", sort="open"),
    ]  # fmt: skip


def _answer(rows: QuerySet, today: date, *, of_provider: bool) -> str:
    """ "2 meetings are planned, the next on 4 May 2026. 1 is to be recorded, 1 waits for its minutes." """
    planned = rows.filter(state="planned", planned_on__gte=today).order_by("planned_on")
    coming = list(planned.values_list("planned_on", flat=True))
    said = "No meeting is planned."
    if coming:
        are = "is planned, on" if len(coming) == 1 else "are planned, the next on"
        said = f"{plural(len(coming), 'meeting', 'meetings')} {are} {wording.day(coming[0])}."
    if of_provider:
        return said
    late = rows.filter(state="planned", planned_on__lt=today).count()
    held = rows.filter(state="held").count()
    more = []
    if late:
        more.append(f"{late} {'is' if late == 1 else 'are'} to be recorded")
    if held:
        more.append(f"{held} {'waits for its' if held == 1 else 'wait for their'} minutes")
    return f"{said} {', '.join(more)}." if more else said


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState("No meeting like that", "None is in that state.", "Show all", request.path)
    why = "A meeting with a provider about its contracts appears here, with its agenda, minutes and actions."
    if request.user.may("create", "contract-meetings"):
        return EmptyState("No contract meeting yet", why, "See which are due", reverse("contract-meetings-due"))
    return EmptyState("No contract meeting yet", why)
