"""One framework, and its history."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from commissioning.kernel import wording
from commissioning.kernel.audit.history import count_events, read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.event_table import event_table
from commissioning.kernel.tables import Column, EmptyState, Table

from ..models import Extension, Framework, FrameworkEvent, Lot, Participation, PriceLine, User
from ..rules.terms import last_day, warning_months

SHOWN_HISTORY = 10
PUBLISHED_AT = "/api/v1/ocds/?format=json"  # a release package, for whoever may read it
OF_A_FRAMEWORK = (Lot, PriceLine, Participation, Extension, FrameworkEvent)


def leads(user: User, framework: Framework) -> bool:
    """Whether this person may change the framework: a commissioning officer of its lead authority."""
    return user.may("change", "frameworks") and framework.lead_authority_id == user.authority_id


def led_framework(request: HttpRequest, uuid: UUID) -> Framework:
    """The framework, for its lead authority only: 404 where it is not there, 403 for anybody else."""
    framework = get_object_or_404(Framework.objects.select_related("lead_authority"), uuid=uuid)
    if not leads(request.user, framework):
        raise PermissionDenied(f"Only {framework.lead_authority} changes {framework.name}.")
    return framework


def state_on(framework: Framework, today: date) -> str:
    if framework.starts_on > today:
        return "planned"
    return "ended" if framework.runs_until and framework.runs_until <= today else "running"


@allowed("frameworks")
def framework(request: HttpRequest, uuid: UUID) -> HttpResponse:
    today = timezone.localdate()
    found = get_object_or_404(
        Framework.objects.select_related("lead_authority", "successor").prefetch_related(
            Prefetch("extensions", Extension.objects.order_by("position")),
            Prefetch("events", FrameworkEvent.objects.order_by("happens_on", "pk")),
            Prefetch(
                "participations",
                Participation.objects.select_related("authority").order_by("authority__name", "starts_on"),
            ),
            Prefetch("lots", Lot.objects.annotate(line_count=Count("price_lines")).order_by("number")),
        ),
        uuid=uuid,
    )
    mine = leads(request.user, found)
    what = _history_selection(found)
    return render(request, "partnership/framework.html", {
        "framework": found, "mine": mine, "today": today, "answer": _framework_answer(found, today),
        "notice": _notice(found, today, mine), "lots": _lots(found, mine), "members": _members(found, mine, today),
        "term": _term(found, mine), "events": found.events.all(), "state": state_on(found, today),
        "published_at": f"{PUBLISHED_AT}&framework={found.uuid}" if _publishable(request.user, found, today) else "",
        "history": read_events(what, stop=SHOWN_HISTORY), "history_count": count_events(what, most=1000),
    })  # fmt: skip


def _publishable(user: User, found: Framework, today: date) -> bool:
    """Whether there is something to tell yet: nothing is told before its day."""
    begins = min([found.starts_on, *(event.happens_on for event in found.events.all())])
    return user.may("read", "ocds") and begins <= today


def _framework_answer(found: Framework, today: date) -> str:
    kind = f"{found.get_kind_display()} led by {found.lead_authority}."
    end = found.runs_until
    if end is None:
        begins = "begins" if found.starts_on > today else "began"
        term = f"It {begins} on {wording.day(found.starts_on)} and has no last day."
    elif end <= today:
        return f"{kind} It ended on {wording.day(last_day(end))}."
    else:
        begins = f"begins on {wording.day(found.starts_on)} and runs" if found.starts_on > today else "runs"
        term = f"It {begins} to {wording.day(last_day(end))}"
        left = [option.months for option in found.extensions.all() if not option.taken_on]
        if len(left) == 1:
            term += f", with one extension of {left[0]} months left"
        elif left:
            term += f", with {len(left)} extensions left, {sum(left)} months together"
        term += "."
    return f"{kind} {term}"


def _notice(found: Framework, today: date, mine: bool) -> str:
    months = warning_months(found.runs_until, today)
    if not months:
        return ""
    says = f"Ends within {months} months, on {wording.day(last_day(found.runs_until))}."
    left = any(not option.taken_on for option in found.extensions.all())
    if not left:
        return f"{says} No extension is left."
    return f"{says} Decide whether to take the next extension, or let its successor." if mine else says


def _lots(found: Framework, mine: bool) -> Table:
    columns = [
        Column("name", "Lot", value=str, link=lambda lot: f"/lots/{lot.uuid}/"),
        Column("service_type", "What is bought", value=lambda lot: lot.get_service_type_display()),
        Column("call_off", "How a home is called off", value=lambda lot: lot.get_call_off_method_display()),
        Column("lines", "Price lines", value=lambda lot: lot.line_count, kind="number"),
    ]
    if mine:
        columns.append(_Links("change", "Change", links=(("Lot", "lot-change"), ("Price lines", "lot-price-lines"))))
    empty = EmptyState(
        "No lots yet", "A lot says what is bought and which lines are priced. Awards and rates belong to a lot.",
        *(("Add the first lot", reverse("lot-new", args=[found.uuid])) if mine else ()),
    )  # fmt: skip
    return Table(
        columns, list(found.lots.all()), "Lots", noun=("lot", "lots"), per_page=None, empty=empty, compact=True
    )


def _members(found: Framework, mine: bool, today: date) -> Table:
    columns = [
        Column("authority", "Authority", value=lambda p: p.authority.name),
        Column("starts_on", "First day", kind="date"),
        Column(
            "last_day", "Last day", value=lambda p: p.ends_before and last_day(p.ends_before), kind="date",
            missing="until the framework ends",
        ),
        Column("now", "Today", value=lambda p: _part(p, today)),
    ]  # fmt: skip
    if mine:
        columns.append(_Links("change", "Change", links=(("Last day", "framework-leave"),), of=found))
    empty = EmptyState(
        "Nobody takes part yet", "Only authorities that take part see the rates on this framework.",
        *(("Add an authority", reverse("framework-join", args=[found.uuid])) if mine else ()),
    )  # fmt: skip
    rows = list(found.participations.all())
    return Table(
        columns, rows, "Authorities that take part", noun=("authority", "authorities"), per_page=None, empty=empty,
        compact=True,
    )  # fmt: skip


def _part(part: Participation, today: date) -> str:
    if part.starts_on > today:
        return "joins later"
    return "has left" if part.ends_before and part.ends_before <= today else "takes part"


@dataclass(frozen=True)
class _Links(Column):
    """What the lead authority can do with a row; each link says which row to somebody who hears it alone."""

    links: tuple[tuple[str, str], ...] = ()
    of: Framework | None = None

    def html(self, row: Any) -> str:
        name = escape(str(getattr(row, "authority", row)))
        before = [self.of.uuid] if self.of else []
        return " &nbsp; ".join(
            f'<a class="govuk-link" href="{reverse(view, args=[*before, row.uuid])}">{words}'
            f'<span class="govuk-visually-hidden"> of {name}</span></a>'
            for words, view in self.links
        )


def _term(found: Framework, mine: bool) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [("First day", wording.day(found.starts_on))]
    if found.ends_before:
        rows.append(("Last day of the initial term", wording.day(last_day(found.ends_before))))
    else:
        rows.append(("Last day", "No last day"))
    options = list(found.extensions.all())
    following = next((option for option in options if not option.taken_on), None)
    for option in options:
        months = f"{option.months} month{'s' if option.months > 1 else ''}"
        says = f"{months}, taken on {wording.day(option.taken_on)}" if option.taken_on else f"{months}, not taken"
        link = (
            (reverse("framework-extend", args=[found.uuid, option.uuid]), "Take")
            if mine and option is following
            else ()
        )
        rows.append((f"Extension {option.position}", says, *link))
    if found.ends_before and any(option.taken_on for option in options):
        rows.append(("Runs to, with extensions", wording.day(last_day(found.runs_until))))
    return rows


def _history_selection(found: Framework) -> dict[type, Q]:
    return {Framework: Q(row_id=found.pk)} | {model: Q(framework_id=found.pk) for model in OF_A_FRAMEWORK}


@allowed("frameworks")
def framework_history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Framework, uuid=uuid)
    table = event_table(request, _history_selection(found), f"Changes to {found.name}")
    return render(request, "partnership/framework_history.html", {"framework": found, "table": table})
