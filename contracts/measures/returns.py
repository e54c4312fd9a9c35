"""An authority's own returns, row by row, in the layouts that come in (rules/layouts_*.py).

A word that came in with a return stands as long as the fact beside it is the same (sources/placements_sent.py tells
the facts in SQL, as `facts` does here); otherwise the fact's own word goes out. Where nothing is recorded, or the list
has no word for it, the cell is empty. Postcodes are not kept: those columns are empty. A date of birth leaves in one
layout only, the authority's own statutory return of placement costs. The Placements Data Standard wants a whole number
for a child: the one that came in with it, or one of the installation's own (rules/references.number_of).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from commissioning.kernel.money import ZERO, round_half_up
from commissioning.kernel.periods import Period, financial_year
from commissioning.partnership.models import Authority

from ..actions.children import opened
from ..models import CareStatus, ChildReference, CostLine, DistanceApproval, Oversight, Placement
from ..rules.layouts import Column, Layout
from ..rules.layouts_census import CENSUSES
from ..rules.layouts_liia import LIIA
from ..rules.layouts_standard import POUND, STANDARD
from ..rules.lines import cost_of_line
from ..rules.references import number_of
from . import return_standard
from .return_words import PARTS, word_for

LAYOUTS = {layout.key: layout for layout in (*reversed(CENSUSES), LIIA, STANDARD)}
SCHEMES = {
    "census": ("census", "case", "ssda903", "provider"), "liia": ("ssda903", "case", "census", "provider"),
    "standard": ("standard",),
}  # fmt: skip
Value = str | int | date | Decimal | None


@dataclass
class Home:
    """A placement with what a return says of it: all of it as at one day."""

    placement: Placement
    identifier: str
    status: CareStatus | None
    distance_reason: str
    deprived: bool
    lines: list[CostLine] = field(default_factory=list)
    money: dict[str, Decimal] = field(default_factory=dict)  # weekly or total, and each contribution
    split: bool = False  # whether anybody is recorded as paying a part
    priced: bool = True  # whether there is a price to tell of
    # Of the Placements Data Standard alone (return_standard.py).
    entered: dict[str, date | None] = field(default_factory=dict)
    services: list[str] = field(default_factory=list)
    together: int | None = None


def rows_of(layout: Layout, as_at: date, authority: Authority) -> list[dict[str, Value]]:
    """One row for each home of the return, by column key; dates, amounts and whole numbers as such.

    A census holds the homes of the day; the placement costs those of the financial year up to and with the day, and
    any that the same return told of: one that ended before the year may stand in it with nothing accrued.
    """
    return [row for _, row in homes_of(layout, as_at, authority)]


def homes_of(layout: Layout, as_at: date, authority: Authority) -> list[tuple[int, dict[str, Value]]]:
    """The same, each row beside the placement that it tells of."""
    return [
        (home.placement.pk, {column.key: _value(column, layout, home, as_at) for column in layout.columns})
        for home in _homes(layout, as_at, authority)
    ]


def facts(home: Home) -> dict[str, str]:
    """What is recorded, as text, under the keys of columns that hold a word for it."""
    place, child = home.placement, home.placement.child
    provider = str(place.provider_id or "") or place.provider_name
    establishment = str(place.establishment_id or "")
    status = home.status
    more = return_standard.facts_of(home) if "total" not in home.money else {}
    return more | {
        "looked_after": status.status if status else "", "gender": child.sex, "ethnicity": child.ethnicity,
        "sourced": place.route, "organisation": provider, "provider_number": provider, "company_number": provider,
        "establishment": establishment, "establishment_urn": establishment,
        "host": str(place.host_authority_id or "") or place.host_area, "provision": place.service_type,
        "uasc": _flag(child.unaccompanied), "ehcp": _flag(child.ehcp), "registration": place.registration,
        "distance": home.distance_reason, "solo": _flag(place.solo), "disability": ";".join(child.disabilities),
        "legal_status": status.legal_status if status else "",
        "care_from": status.starts_on.isoformat() if status else "", "end_reason": place.end_reason,
        "ends_before": place.ends_before.isoformat() if place.ends_before else "",
        "provider_type": "own" if place.route == "in_house" else "", "framework": str(place.lot_id or ""),
        **{key: f"{amount:.2f}" for key, amount in home.money.items()},
    }  # fmt: skip


def _value(column: Column, layout: Layout, home: Home, as_at: date) -> Value:
    place, child = home.placement, home.placement.child
    match column.key:
        case "identifier":
            return home.identifier
        case "born_on":
            return child.born_on
        case "home_postcode" | "postcode":
            return None
        case "age":
            return child.age_on(as_at)
        case "starts_on":
            return place.starts_on
        case "weekly" | "total" if not home.priced:
            return None
        case "weekly" if layout.family == "standard":
            return round_half_up(home.money["weekly"], POUND)
        case "weekly" | "total":
            return home.money[column.key]
    told = facts(home).get(column.key, "")
    sent = place.sent.get(layout.key, {}).get("words", {}).get(column.key)
    if column.key == "ends_before" and told and told <= as_at.isoformat():  # a return may tell of an end to come
        return place.ends_before
    if sent is not None and sent[1] == told:
        return _typed(column, sent[0])
    if column.key in PARTS:
        return home.money[column.key] if home.priced and (home.split or layout.family == "census") else None
    return _typed(column, word_for(column, layout, home, told))


def _typed(column: Column, word: str) -> Value:
    if not word:
        return None
    match column.kind:
        case "money":
            return Decimal(word)
        case "whole":
            return int(word)
        case "date":
            day, month, year = word.split("/")
            return date(int(year), int(month), int(day))
    # As the list spells it: one of its words has a space at the end, which no cell keeps.
    return next((each for each in column.words or () if each.strip() == word), word)


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _homes(layout: Layout, as_at: date, authority: Authority) -> list[Home]:
    first = financial_year(as_at).starts_on if layout.family == "liia" else as_at
    until = as_at + timedelta(days=1)
    homes = Placement.objects.overlapping(first, until)
    if layout.family == "liia":
        homes |= Placement.objects.filter(**{f"sent__{layout.key}__as_at": as_at.isoformat()})
    placements = homes.select_related(
        "child", "provider", "establishment", "premises", "host_authority", "lot__framework", "authority", "referral"
    ).order_by("number")
    known = {
        "identifier": _identifiers(authority, SCHEMES[layout.family]),
        "status": {each.child_id: each for each in CareStatus.objects.on(as_at)},
        "reason": dict(DistanceApproval.objects.values_list("placement_id", "reason")),
        "deprived": set(
            Oversight.objects.on(as_at).filter(kind="deprivation_of_liberty").values_list("placement_id", flat=True)
        ),
    }
    lines: dict[int, list[CostLine]] = {}
    for line in CostLine.objects.overlapping(first, until).prefetch_related("splits").order_by("pk"):
        lines.setdefault(line.placement_id, []).append(line)
    homes = []
    for place in placements:
        home = Home(
            place, known["identifier"].get(place.child_id, ""), known["status"].get(place.child_id),
            known["reason"].get(place.pk, ""), place.pk in known["deprived"], lines.get(place.pk, []),
        )  # fmt: skip
        _count(home, layout, first, until)
        # A return may hold a home that was over before its year: nothing accrued, and that is known.
        home.priced = bool(home.lines) or place.ends_before is not None and place.ends_before <= first
        homes.append(home)
    if layout.family == "standard":
        return_standard.complete(homes)
        for home in homes:
            home.identifier = _whole_number(home, authority)
    return homes


def _whole_number(home: Home, authority: Authority) -> str:
    if home.identifier.isdecimal():
        return home.identifier
    return str(number_of(settings.REFERENCE_KEY, str(authority.uuid), str(home.placement.child.uuid)))


def _identifiers(authority: Authority, schemes: tuple[str, ...]) -> dict[int, str]:
    """Each child's reference, opened, in the first of the schemes that it has."""
    found: dict[int, ChildReference] = {}
    for each in ChildReference.objects.filter(scheme__in=schemes).order_by("pk"):
        held = found.get(each.child_id)
        if held is None or schemes.index(each.scheme) < schemes.index(held.scheme):
            found[each.child_id] = each
    return {child: opened(each, authority) for child, each in found.items()}


def _count(home: Home, layout: Layout, first: date, until: date) -> None:
    """Pounds a week on the day, or pounds of the year so far; and what each funder pays of them.

    Social care pays what nobody else is recorded as paying, so that the parts always come to the whole.
    """
    whole, parts = ZERO, dict.fromkeys(("education", "health", "others"), ZERO)
    for line in home.lines:
        period = Period(line.starts_on, line.ends_before)
        whole += _amount(layout, line.weekly_amount, line.once_amount, period, first, until)
        for split in line.splits.all():
            home.split = True
            if split.funder != "social_care":
                key = split.funder if split.funder in parts else "others"
                parts[key] += _amount(layout, split.weekly_amount, split.once_amount, period, first, until)
    whole, parts = round_half_up(whole), {key: round_half_up(amount) for key, amount in parts.items()}
    if layout.family != "liia":  # a census, whose three contributions come to the whole
        home.money = {"weekly": whole, "education": parts["education"], "health": parts["health"]}
        home.money["social_care"] = whole - parts["education"] - parts["health"]
    else:
        home.money = {"total": whole, "education": parts["education"], "health": parts["health"]}
        home.money["social_care"] = whole - sum(parts.values()) if home.split else ZERO


def _amount(layout: Layout, weekly: Decimal, once: Decimal, period: Period, first: date, until: date) -> Decimal:
    if layout.family != "liia":
        return weekly if period.starts_on <= first and (not period.ends_before or period.ends_before > first) else ZERO
    return cost_of_line(weekly, once, period, first, until)
