"""The authority's own pathway places: who lives there, and how many nights stood empty."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.money import ZERO
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table

from ..actions.watch import add_own_place, end_own_place
from ..forms_watch import EndOwnPlaceForm, OwnPlaceForm
from ..measures.moving import Voids, lived_in, voids
from ..models import PathwayPlace
from ..rules.clocks import share
from .links import OF_MOVING, links
from .moving import year_of
from .placement_words import last_day_of
from .watch_forms import saved

NOUN = ("place", "places")
TITLE = "Our own places"
CRUMBS = [("Placements", "/placements/"), (TITLE, "/placements/own-places/")]


@allowed("placements")
def own_place_list(request: HttpRequest) -> HttpResponse:
    """Nights of a financial year, up to last night, by place and by month; a file has one row for each of both."""
    today = timezone.localdate()
    year, asks_year = year_of(request)
    parts = voids(year, min(today, year.ends_before))
    asked = ask(request.GET, [asks_year], parts)
    if request.GET.get("format") in FORMATS:
        sentence = FilterSentence(asked.filters, len(parts), len(parts), ("place and month", "places and months"))
        return file_response(request, request.GET["format"], _part_columns(), parts, title=TITLE, sentence=sentence)
    may_create = request.user.may("create", "placements")
    may_change = request.user.may("change", "placements")
    rows = _by_place(PathwayPlace.objects.overlapping(*year.period.bounds).order_by("name"), parts, today)
    months = [_sum(f"{first:%B %Y}", [part for part in parts if part.period.starts_on.replace(day=1) == first])
              for first in sorted({part.period.starts_on.replace(day=1) for part in parts})]  # fmt: skip
    footer = _sum("Together", parts) if parts else None
    table = Table.for_request(
        request, _place_columns(may_change=may_change), rows, f"Places in {year}", noun=NOUN, footer=footer,
        per_page=None, downloads=downloads(request) if parts else (),
        empty=_nothing(str(year), may_create=may_create),
    )  # fmt: skip
    by_month = Table(_month_columns(), months, "By month", per_page=None, noun=("month", "months"), footer=footer)
    return render(request, "contracts/moving_own_places.html", {
        "table": table, "months": by_month if months else "", "answer": _answer(footer, str(year)), "title": TITLE,
        "sentence": FilterSentence(asked.filters, len(rows), len(rows), NOUN, request.path), "fields": asked.fields,
        "may_create": may_create, "links": links(request.user, OF_MOVING, request.path),
    })  # fmt: skip


def _sum(name: str, parts: Iterable[Voids]) -> dict[str, Any]:
    """Nights and pounds of several parts; what has no price costs nothing, and is told apart as None only alone."""
    parts = list(parts)
    priced = [part.void_cost for part in parts if part.void_cost is not None]
    available, void = sum(part.available for part in parts), sum(part.void for part in parts)
    return {
        "name": name, "available": available, "used": available - void, "void": void, "share": share(void, available),
        "cost": sum(priced, ZERO) if priced else None,
    }  # fmt: skip


def _by_place(places: Iterable[PathwayPlace], parts: list[Voids], today: date) -> list[dict[str, Any]]:
    """One row for each place of the year, those that begin today or later too."""
    grouped: dict[int, list[Voids]] = {}
    for part in parts:
        grouped.setdefault(part.place.pk, []).append(part)
    lives = lived_in(today)
    rows = []
    for place in places:
        own = grouped.get(place.pk, [])
        there = lives.get(place.pk)
        over = place.ends_before is not None and place.ends_before <= today
        state = (
            str(there.child)
            if there
            else "given up"
            if over
            else "empty"
            if place.starts_on <= today
            else "not ours yet"
        )
        rows.append(_sum(place.name, own) | {
            "place": place, "home": there, "state": state, "kind": place.get_service_type_display(),
            "weekly": place.weekly_amount, "over": place.ends_before is not None,
        })  # fmt: skip
    return rows


def _counted() -> list[Column]:
    return [
        Column("available", "Available", kind="number", unit="nights"),
        Column("used", "Lived in", kind="number", unit="nights"),
        Column("void", "Empty", kind="number", unit="nights"),
    ]


def _place_columns(*, may_change: bool) -> list[Column]:
    def to(row: dict[str, Any]) -> str | None:
        return reverse("placement", args=[row["home"].uuid]) if row.get("home") else None

    def give_up(row: dict[str, Any]) -> str | None:
        return reverse("own-place-end", args=[row["place"].uuid]) if "place" in row and not row["over"] else None

    columns = [
        Column("name", "Place"),
        Column("kind", "Kind of home", value=lambda row: row.get("kind")),
        Column("state", "Today", value=lambda row: row.get("state"), link=to),
        *_counted(),
        Column("share", "Empty", kind="percent"),
        Column("weekly", "Price", value=lambda row: row.get("weekly"), kind="money", unit="£ a week"),
        Column("cost", "Cost of empty nights", kind="money", unit="£", missing="no price recorded"),
    ]
    if may_change:
        columns.append(
            Column("step", "Next step", value=lambda row: "Give it up" if give_up(row) else None, link=give_up,
                   missing="")
        )  # fmt: skip
    return columns


def _month_columns() -> list[Column]:
    return [
        Column("name", "Month"),
        *_counted(),
        Column("share", "Empty", kind="percent"),
        Column("cost", "Cost of empty nights", kind="money", unit="£", missing="no price recorded"),
    ]


def _part_columns() -> list[Column]:
    return [
        Column("place", "Place", value=lambda row: row.place.name),
        Column("kind", "Kind of home", value=lambda row: row.place.get_service_type_display()),
        Column("from", "From", value=lambda row: row.period.starts_on, kind="date"),
        Column("until", "Last day", value=lambda row: row.period.ends_before - timedelta(days=1), kind="date"),
        *_counted(),
        Column("void_cost", "Cost of empty nights", kind="money", unit="£", missing="no price recorded"),
    ]


def _answer(total: dict[str, Any] | None, year: str) -> str:
    """ "12 of 731 nights of your own places stood empty so far in 2026/27, 2%: £514.29." """
    if total is None:
        return ""
    cost: Decimal | None = total["cost"]
    said = f": {wording.pounds(cost)}" if cost is not None else ""
    return (
        f"{total['void']:,} of {total['available']:,} nights of your own places in {year} up to last night stood "
        f"empty, {total['share']}%{said}."
    )


def _nothing(year: str, *, may_create: bool) -> EmptyState:
    return EmptyState(
        f"No place of your own in {year}",
        "Flats and rooms of your own for young people on their way to independence stand here, with the nights on "
        "which nobody lived there.",
        *(("Add the first place", reverse("own-place-new")) if may_create else ()),
    )  # fmt: skip


@allowed("placements", "create")
def own_place_new(request: HttpRequest) -> HttpResponse:
    form = OwnPlaceForm(request.POST or None, initial={"service_type": "supported"})
    return saved(
        request, form,
        lambda: add_own_place(authority=request.user.authority, by=request.user, **form.cleaned_data),
        says="The place is added.", then="own-places", heading="Add a place of your own", crumb="Add a place",
        crumbs=CRUMBS, answer="A placement in it is recorded as in-house, and names the place.",
    )  # fmt: skip


@allowed("placements", "change")
def own_place_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    place = get_object_or_404(PathwayPlace.objects.all(), uuid=uuid)
    form = EndOwnPlaceForm(
        request.POST or None, initial={"version": place.version, "ends_before": place.ends_before}
    )  # fmt: skip
    last = f" Its last day is {last_day_of(place.ends_before)}." if place.ends_before else ""
    return saved(
        request, form, lambda: end_own_place(place=place, by=request.user, **form.cleaned_data),
        says=f"{place} is given up.", then="own-places", heading=f"{place}: give it up", crumb=str(place),
        crumbs=CRUMBS,
        answer=f"Yours from {wording.day(place.starts_on)}.{last} Nights up to the last day still count.",
    )  # fmt: skip
