"""The list of providers: who they are, what they run, and what is said of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, without
from commissioning.kernel.tables import ActiveFilter, Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..filters import ProviderSearch
from ..models import Award, Establishment, Provider
from ..rules import codes
from .beside import rooms
from .standing import newest_list

NAMED = 3  # kinds or areas named in a cell, the rest counted
STATES = {"listed": "runs an establishment on the newest list", "none": "runs none on the newest list"}
AWARDS = {"yes": "has a place on a lot today", "no": "has no place today"}


@dataclass
class Listed:
    """A provider as the list shows it. `said` is for rooms above (beside.py)."""

    pk: int
    uuid: UUID
    name: str
    sector: str
    kinds: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    awards: int = 0
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def establishments(self) -> int:
        return self.kinds.total()


@allowed("providers")
def provider_list(request: HttpRequest) -> HttpResponse:
    today, newest = timezone.localdate(), newest_list()
    search = request.GET.get("search", "").strip()[:200]
    everyone = Provider.objects.count()
    listed = _listed(ProviderSearch({"search": search}, Provider.objects.all()).qs, newest, today)
    asked = ask(request.GET, _questions(), listed)
    columns = _columns()
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "name"))
    filters = [_searched(request, search), *asked.filters] if search else asked.filters
    sentence = FilterSentence(filters, len(rows), everyone, ("provider", "providers"), request.path)
    if request.GET.get("format") in FORMATS:
        _note(rows)
        return file_response(request, request.GET["format"], columns, rows, title="Providers", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Providers", default_sort="name", caption_hidden=True, noun=("provider", "providers"),
        downloads=downloads(request) if rows else (), empty=_nobody(request, everyone),
    )  # fmt: skip
    _note(table.shown)
    return render(request, "providers/provider_list.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "search": search, "everyone": everyone,
        "kept": [(key, value) for key, value in request.GET.items() if key not in ("search", "page", "format")],
        "answer": _answer(request, listed, newest) if not search else "",
        "may_confirm": request.user.may("change", "providers"),
    })  # fmt: skip


def _listed(providers: Any, newest: date | None, today: date) -> list[Listed]:
    """Three queries whatever the number of providers."""
    homes: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if newest:
        running = Establishment.objects.filter(listed_at=newest, provider__isnull=False)
        for owner, kind, area in running.values_list("provider_id", "kind", "area_name"):
            homes[owner].append((kind, area))
    awards = dict(
        Award.objects.in_force_on(today).values("provider_id").annotate(n=Count("pk")).values_list("provider_id", "n")
    )
    return [
        Listed(
            pk, uuid, name, sector, Counter(kind for kind, _ in homes[pk]),
            Counter(area for _, area in homes[pk] if area), awards.get(pk, 0),
        )
        for pk, uuid, name, sector in providers.order_by("name").values_list("pk", "uuid", "name", "sector")
    ]  # fmt: skip


def _note(rows: list[Listed]) -> None:
    for room in rooms():
        room.note_providers(rows)


def _questions() -> list[Question]:
    areas = (
        Establishment.objects.filter(provider__isnull=False).exclude(area_name="")
        .order_by("area_name").values_list("area_name", flat=True).distinct()
    )  # fmt: skip
    return [
        Question("kind", "Runs", codes.ESTABLISHMENT_KINDS, lambda row, value: value in row.kinds),
        Question("area", "In", {area: area for area in areas}, lambda row, value: value in row.areas),
        Question("sector", "Sector", codes.SECTORS, lambda row, value: row.sector == value),
        Question("state", "Listed", STATES, lambda row, value: bool(row.kinds) == (value == "listed")),
        Question("award", "Awards", AWARDS, lambda row, value: bool(row.awards) == (value == "yes")),
    ]


def _columns() -> list[Column]:
    return [
        Column("name", "Provider", sort="name", link=lambda row: reverse("provider", args=[row.uuid])),
        Column("sector", "Sector", value=lambda row: codes.SECTORS.get(row.sector), sort="sector"),
        Column("establishments", "Establishments listed", kind="number", sort="establishments"),
        Column("kinds", "Kinds", value=lambda row: _named(row.kinds, codes.ESTABLISHMENT_KINDS), missing="none listed"),
        Column("areas", "Areas", value=lambda row: _named(row.areas, {}), missing="none listed"),
        *(column for room in rooms() for column in room.provider_columns()),
        Column("awards", "Places on lots today", kind="number", sort="awards"),
    ]


def _named(counted: Counter[str], words: dict[str, str]) -> str:
    """ "Children's home 12, Supported accommodation 1": the commonest, and how many more."""
    common = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    said = [f"{words.get(key, key)} {count}" for key, count in common[:NAMED]]
    more = len(common) - NAMED
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")


def _searched(request: HttpRequest, search: str) -> ActiveFilter:
    return ActiveFilter("Name or URN", search, without(request.GET, "search"))


def _answer(request: HttpRequest, listed: list[Listed], newest: date | None) -> str:
    if not listed:
        return ""
    if request.user.provider_id:
        return "A provider's contact sees its own provider only."
    running = [row for row in listed if row.kinds]
    if newest is None:
        return f"{len(listed):,} providers. No list of the regulator has been loaded yet."
    homes = sum(row.establishments for row in running)
    return (
        f"{len(running):,} of {len(listed):,} providers run {homes:,} establishments on Ofsted's list of "
        f"{wording.day(newest)}."
    )


def _nobody(request: HttpRequest, everyone: int) -> EmptyState:
    if everyone:
        return EmptyState(
            "No provider like that",
            "No provider matches everything that you asked for.",
            "Show all providers",
            request.path,
        )
    why = "Providers appear here once Ofsted's published list or a rate card has been loaded."
    if request.user.may("create", "imports"):
        return EmptyState("No providers yet", why, "Load a file", "/imports/")
    return EmptyState("No providers yet", f"{why} A commissioning or quality officer can do that.")
