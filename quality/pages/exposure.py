"""How much of ours depends on each owner, and who is affected if it fails."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table, ordering, sort_rows
from providers.models import Provider
from providers.pages.tones import ToneColumn

from ..measures.exposure import Group, at_risk, exposure, group_ids, others_with
from ..measures.judgements import latest_judgements
from ..rules import scales
from ..rules.watch_words import places_in_words
from .columns import TONES
from .scale_words import counted

NOUN = ("owner", "owners")
DEFAULT = "-ours"


@allowed("change-decisions")
def owners(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    day = _day(request, today)
    groups = exposure(day, today, request.user.authority_id or 0)
    columns = _columns(day, today)
    if sort := ordering(columns, request.GET.get("sort", ""), DEFAULT):
        groups = sort_rows(groups, columns, sort)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, groups, title="Exposure by owner")
    table = Table.for_request(
        request, columns, groups, "By owner", caption_hidden=True, noun=NOUN, default_sort=DEFAULT,
        downloads=downloads(request) if groups else (),
        empty=EmptyState(
            "No child of ours lives with a recorded provider today",
            "Owners stand here with how many of our children live in their homes, and what that costs.",
        ),
    )  # fmt: skip
    return render(request, "quality/exposure.html", {
        "table": table, "answer": _answer(groups), "day": day, "other_day": day != today,
    })  # fmt: skip


def _day(request: HttpRequest, today: date) -> date:
    """Whose owners: today's, or those of ?on=2021-06-01."""
    try:
        return parse_date(request.GET.get("on", "")) or today
    except ValueError:
        return today


def _answer(groups: list[Group]) -> str:
    if not groups:
        return ""
    most = max(groups, key=lambda group: (group.placements, group.weekly))
    ours = sum(group.placements for group in groups)
    owners_ = "1 owner" if len(groups) == 1 else f"{len(groups)} owners"
    children = f"{ours} {'child' if ours == 1 else 'children'} of ours live{'s' if ours == 1 else ''}"
    share = f"{most.placements} of them, {wording.pounds(most.weekly, whole=True)} a week, depend on {most.name}."
    return f"{children} with {owners_}. {share}"


def _beside(others: list[tuple[str, str]]) -> list[str]:
    by_band: dict[str, list[str]] = defaultdict(list)
    for name, band in others:
        by_band[band].append(name)
    return [places_in_words(names, band) for band, names in sorted(by_band.items())]


def _columns(day: date, today: date) -> list[Column]:
    at = "" if day == today else f"?on={day}"
    return [
        Column("owner", "Owner", value=lambda row: row.name, sort="owner",
               link=lambda row: reverse("exposure-owner", args=[row.top.uuid]) + at),
        Column("providers", "Providers", value=lambda row: len(row.providers), kind="number"),
        Column("ours", "Ours live there", value=lambda row: row.placements, kind="number", sort="ours"),
        Column("weekly", "Cost", value=_cost, kind="money", unit="£ a week", whole=True, sort="weekly"),
        Column("unpriced", "Without a price", value=lambda row: row.unpriced or None, kind="number", missing=""),
        Column("homes_used", "Homes of ours", value=lambda row: row.homes_used, kind="number"),
        Column("homes", "Homes on Ofsted’s list", value=lambda row: row.homes, kind="number"),
        Column("grades", "Homes and agencies: latest grades", value=lambda row: judged(row).get("grades"),
               missing="none"),
        Column("outcomes", "Supported accommodation: latest outcomes", value=lambda row: judged(row).get("outcomes"),
               missing="none"),
        Column("others", "Also places there", missing="nobody else",
               value=lambda row: "; ".join(_beside(row.others)) or None),
    ]  # fmt: skip


def _cost(group: Group) -> Decimal | None:
    """What is recorded; nothing where no placement has a price."""
    return group.weekly if group.unpriced < group.placements else None


def judged(group: Group) -> dict[str, str]:
    """Each scale apart, in words: never averaged."""
    return counted((scale, each) for scale, by in group.judged.items() for each in by.elements())


@allowed("change-decisions")
def owner(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who is affected if this owner fails: own children by home; other authorities by name and band."""
    today = timezone.localdate()
    day = _day(request, today)
    provider = get_object_or_404(Provider, uuid=uuid)
    ids = group_ids(provider.pk, day)
    placements = list(at_risk(ids, today).select_related("child", "establishment", "provider"))
    homes = _homes(placements)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], _placement_columns(), placements,
            title=f"If {provider} fails",
        )  # fmt: skip
    table = Table(
        _home_columns(),
        homes,
        "Homes of ours",
        per_page=None,
        noun=("home", "homes"),
        empty=EmptyState(
            "No child of ours depends on it", "Homes of this owner stand here while a child of ours lives there."
        ),
    )
    children = Table.for_request(
        request, _placement_columns(), placements, "Children of ours", noun=("placement", "placements"),
        downloads=downloads(request),
    )  # fmt: skip
    return render(request, "quality/exposure_owner.html", {
        "provider": provider, "table": table, "children": children if placements else None,
        "answer": _fails(provider, placements, homes, len(ids)),
        "others": others_with(ids, request.user.authority_id or 0),
    })  # fmt: skip


def _fails(provider: Provider, placements: list[Any], homes: list[dict[str, Any]], providers: int) -> str:
    if not placements:
        return f"If {provider} fails, no child of ours loses a home."
    count = len(placements)
    known = [row.weekly for row in placements if row.weekly is not None]
    cost = f", {wording.pounds(sum(known), whole=True)} a week" if known else ""
    where = "1 home" if len(homes) == 1 else f"{len(homes)} homes"
    whole = "" if providers == 1 else f" It stands at the top of {providers} providers."
    return (
        f"If {provider} fails, {count} {'child' if count == 1 else 'children'} of ours in {where} "
        f"{'needs' if count == 1 else 'need'} another home{cost}.{whole}"
    )


def _homes(placements: list[Any]) -> list[dict[str, Any]]:
    latest = latest_judgements({row.establishment_id for row in placements if row.establishment_id})
    by_home: dict[int | None, list[Any]] = defaultdict(list)
    for row in placements:
        by_home[row.establishment_id].append(row)
    found = [
        {
            "home": mine[0].establishment, "provider": mine[0].provider, "count": len(mine),
            "weekly": sum((row.weekly for row in mine if row.weekly is not None), Decimal(0)) or None,
            "judgement": latest.get(pk or 0, ("", None))[0],
        }
        for pk, mine in by_home.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row["count"], str(row["home"])))


def _home_columns() -> list[Column]:
    return [
        Column("home", "Home", value=lambda row: row["home"].shown_name if row["home"] else None,
               link=lambda row: reverse("timeline", args=[row["home"].uuid]) if row["home"] else None),
        Column("provider", "Run by", value=lambda row: row["provider"] and row["provider"].name),
        ToneColumn("judgement", "Latest judgement", tone=lambda row: TONES.get(row["judgement"], "plain"),
                   value=lambda row: scales.ALL_JUDGEMENTS.get(row["judgement"]), missing="not yet inspected"),
        Column("count", "Ours live there", kind="number"),
        Column("weekly", "Cost", kind="money", unit="£ a week", whole=True),
    ]  # fmt: skip


def _placement_columns() -> list[Column]:
    return [
        Column("placement", "Placement", value=lambda row: f"Placement {row.number}",
               link=lambda row: reverse("placement", args=[row.uuid])),
        Column("child", "Child", value=lambda row: str(row.child)),
        Column("home", "Home", value=lambda row: row.establishment and row.establishment.shown_name),
        Column("provider", "Run by", value=lambda row: row.provider and row.provider.name),
        Column("since", "There since", value=lambda row: row.starts_on, kind="date"),
        Column("weekly", "Cost", value=lambda row: row.weekly, kind="money", unit="£ a week"),
    ]  # fmt: skip
