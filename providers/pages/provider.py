"""One provider: its tabs, what it is, its owner's group, what it runs, and its history."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.event_table import event_table
from commissioning.kernel.tables import Column, EmptyState, Table, sort_rows

from ..models import Alias, Award, ComplianceDocument, Establishment, Ownership, Premises, Provider, WorkingName
from ..rules import codes
from .beside import Tab, rooms
from .group import group_of, ownerships_of
from .standing import is_listed, newest_list, state_of, tone_of
from .suspended import said_of
from .tones import ToneColumn

TABS = (
    Tab("Overview", "provider", "providers"),
    Tab("Awards and rates", "provider-awards", "awards"),
    Tab("Documents", "provider-documents", "documents"),
)
HISTORY = Tab("History", "provider-history", "providers")
PARTS = (Alias, Ownership, ComplianceDocument, Award)


@dataclass
class Home:
    """An establishment as its provider's page lists it."""

    home: Establishment
    state: str
    tone: str
    listed: bool
    ours: str = ""
    said: dict[str, Any] = field(default_factory=dict)


def found(uuid: UUID) -> Provider:
    """The provider, where the viewer may see it: 404 for a rival's contact."""
    return get_object_or_404(Provider, uuid=uuid)


def frame(request: HttpRequest, provider: Provider, route: str) -> dict[str, Any]:
    """What every tab of a provider shows round its own content."""
    tabs = [*TABS, *(tab for room in rooms() for tab in room.tabs), HISTORY]
    return {
        "provider": provider,
        "tabs": [
            {"text": tab.text, "href": reverse(tab.route, args=[provider.uuid]), "here": tab.route == route}
            for tab in tabs
            if request.user.may("read", tab.resource)
        ],
    }


@allowed("providers")
def overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider, today, newest = found(uuid), timezone.localdate(), newest_list()
    homes = _homes(request, provider, newest)
    columns = _columns(any(home.ours for home in homes))
    rows = sort_rows(homes, columns, request.GET.get("sort", "")) if request.GET.get("sort") else homes
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=f"{provider}: establishments")
    table = Table.for_request(
        request, columns, rows, "Establishments", noun=("establishment", "establishments"),
        downloads=downloads(request) if rows else (), empty=_runs_nothing(newest),
    )  # fmt: skip
    day = _day(request, today)
    return render(request, "providers/provider.html", frame(request, provider, "provider") | {
        "answer": _answer(homes, newest), "facts": _facts(provider), "table": table, "premises": _premises(provider),
        "notes": [said for room in rooms() if (said := room.of_provider(provider, [row.home for row in homes]))],
        "suspended": said_of(provider, today, request.user),
        "links": [link for room in rooms() for link in room.links_of_provider(provider, request.user)],
        "may_suspend": request.user.may("create", "suspensions"),
        "group": group_of(provider, day), "day": day, "today": today, "owned": ownerships_of(provider),
        "may_confirm": request.user.may("change", "providers"),
    })  # fmt: skip


def _homes(request: HttpRequest, provider: Provider, newest: date | None) -> list[Home]:
    """Listed ones first. Queries: the establishments, the viewer's own names, and what each room above asks."""
    found = list(provider.establishments.order_by("kind", "area_name", "urn"))
    ours = {}
    if request.user.may("read", "working-names"):
        ours = dict(WorkingName.objects.filter(establishment__in=found).values_list("establishment_id", "name"))
    homes = [
        Home(each, state_of(each, newest), tone_of(each, newest), is_listed(each, newest), ours.get(each.pk, ""))
        for each in found
    ]
    for room in rooms():
        room.note_establishments(homes)
    return sorted(homes, key=lambda row: not row.listed)


def _columns(any_ours: bool) -> list[Column]:
    columns = [
        Column(
            "name", "Establishment", value=lambda row: row.home.shown_name, sort="name",
            link=lambda row: reverse("establishment", args=[row.home.uuid]),
        ),
        Column("urn", "URN", value=lambda row: row.home.urn, sort="urn"),
        Column("kind", "Kind", value=lambda row: row.home.get_kind_display(), sort="kind"),
        Column("area", "Area", value=lambda row: row.home.area_name, sort="area"),
        Column("places", "Places", value=lambda row: row.home.places, kind="number", sort="places"),
        ToneColumn("state", "State", value=lambda row: row.state, tone=lambda row: row.tone, sort="state"),
        *(column for room in rooms() for column in room.establishment_columns()),
    ]  # fmt: skip
    if any_ours:
        columns.insert(1, Column("ours", "Our working name", value=lambda row: row.ours, missing="none given"))
    return columns


def _answer(homes: list[Home], newest: date | None) -> str:
    listed = [row.home for row in homes if row.listed]
    if not listed:
        return "Runs no establishment on the regulator's newest list."
    count = f"{len(listed)} establishment{'' if len(listed) == 1 else 's'}"
    areas = sorted({home.area_name for home in listed if home.area_name})
    where = f" in {areas[0]}" if len(areas) == 1 else f" in {len(areas)} areas" if areas else ""
    places = [home.places for home in listed if home.places is not None]
    room = f", with {sum(places):,} places" if places else ""
    return f"Runs {count}{where}{room}, on Ofsted's list of {wording.day(newest)}."


def _facts(provider: Provider) -> list[tuple[str, Any]]:
    aliases = ", ".join(provider.aliases.order_by("name").values_list("name", flat=True))
    return [
        ("Legal entity", provider.name),
        ("Company number", provider.company_number),
        ("Charity number", provider.charity_number),
        ("Sector", provider.get_sector_display() if provider.sector else None),
        ("Other names in files", aliases or "none confirmed"),
    ]


def _premises(provider: Provider) -> Table | None:
    """Supported-accommodation premises on the newest list that names them, by area and category."""
    last = Premises.objects.aggregate(day=Max("listed_at"))["day"]
    if last is None:
        return None
    counted: dict[str, dict[Any, int]] = {}
    for area, category, places in provider.premises.filter(listed_at=last, listed_at__isnull=False).values_list(
        "area_name", "category", "places"
    ):
        row = counted.setdefault(area or "", {"places": 0})
        row[category] = row.get(category, 0) + 1
        row["places"] += places or 0
    if not counted:
        return None
    rows = [{"area": area or None, **counts} for area, counts in sorted(counted.items())]
    kinds = [Column(f"category_{key}", label, value=lambda row, key=key: row.get(key, 0), kind="number")
             for key, label in codes.PREMISES_CATEGORIES.items()]  # fmt: skip
    total = {"area": "All areas", "places": 0}
    for row in rows:
        for key, value in row.items():
            if key != "area":
                total[key] = total.get(key, 0) + value
    columns = [Column("area", "Area"), *kinds, Column("places", "Places", kind="number")]
    return Table(
        columns, rows, f"Supported-accommodation premises on the list of {wording.day(last)}", per_page=None,
        footer=total, noun=("area", "areas"),
    )  # fmt: skip


def _runs_nothing(newest: date | None) -> EmptyState:
    if newest is None:
        return EmptyState(
            "No establishment", "Establishments appear here once Ofsted's published list has been loaded."
        )
    return EmptyState(
        "No establishment", "No file of the regulator names this provider as the owner of an establishment. "
        "If a file spells its name differently, say which provider that name stands for.",
    )  # fmt: skip


def _day(request: HttpRequest, today: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


@allowed("providers")
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider = found(uuid)
    what = {Provider: Q(row_id=provider.pk)} | {model: Q(provider_id=provider.pk) for model in PARTS}
    table = event_table(request, what, "Changes, newest first", caption_hidden=True)
    return render(
        request, "providers/provider_history.html", frame(request, provider, "provider-history") | {"table": table}
    )
