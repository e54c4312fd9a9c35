"""What a record of the Placements Data Standard says of a home, from what is recorded (rules/layouts_standard.py).

The standard asks for the days of data entry: history has them. It asks for no first day of the placement.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.money import round_half_up

from ..models import CostLine, Placement, Referral
from ..rules import layouts_standard as standard

if TYPE_CHECKING:
    from .returns import Home

# Where a registration is one address, so that two children of it live together.
_ONE_ADDRESS = ("residential", "secure", "school", "family")


def complete(homes: list["Home"]) -> None:
    """Fills in what only this layout asks for: days of entry, services on the day, brothers and sisters."""
    _entered(homes)
    groups: dict[int, list[Home]] = defaultdict(list)
    for home in homes:
        home.services = sorted({line.service for line in home.lines if line.category == "additional"})
        group = home.placement.child.sibling_group_id
        if group is not None and not home.placement.respite:
            groups[group].append(home)
    for group in groups.values():
        for home in group:
            others = [other for other in group if other.placement.child_id != home.placement.child_id]
            told = [_together(home.placement, other.placement) for other in others]
            home.together = None if None in told else sum(map(bool, told))


def facts_of(home: "Home") -> dict[str, str]:
    """As sources/placements_sent.py has them in SQL."""
    search = str(home.placement.referral_id or "")
    return {
        "needed_by": search, "siblings": search, "wanted_area": search, "referral_entered": search,
        "communication": ";".join(home.placement.child.disabilities), "support": ";".join(home.services),
        "deprived": "true" if home.deprived else "",
        "siblings_together": str(home.placement.child.sibling_group_id or ""),
        "cost_entered": str(round_half_up(home.money["weekly"], standard.POUND)) if home.lines else "",
    }  # fmt: skip


def words_of(key: str, home: "Home") -> list[str]:
    """The word of one column, or none."""
    place = home.placement
    search = place.referral
    match key:
        case "needed_by":
            days = (search.needed_by - timezone.localdate(search.opened_at)).days if search else None
            return [standard.needed_by(days)] if days is not None else []
        case "siblings":
            return [str(search.siblings)] if search else []
        case "wanted_area":
            return [search.wanted_area] if search else []
        case "communication":
            return ["Y"] if {"COMM", "LD"} & set(place.child.disabilities) else []
        case "support":
            words = {standard.SUPPORT_OF.get(service, "") for service in home.services}
            return list(words) if len(words) == 1 else []
        case "deprived":
            return ["true"] if home.deprived else []
        case "host":
            return [place.host_authority.name if place.host_authority else place.host_area]
        case "establishment_urn":
            return [place.establishment.urn] if place.establishment else []
        case "siblings_together":
            return [] if home.together is None else [str(home.together)]
        case "provision":
            return [standard.TYPE_OF.get(place.service_type, "")]
        case "referral_entered" | "placement_entered" | "cost_entered":
            day = home.entered.get(key.removesuffix("_entered"))
            return [f"{day:%d/%m/%Y}"] if day else []
    return []


def _together(one: Placement, other: Placement) -> bool | None:
    """Whether two children live at one address; None where nothing recorded tells."""
    if one.premises_id and other.premises_id:
        return one.premises_id == other.premises_id
    for name in ("provider_id", "establishment_id"):
        if getattr(one, name) and getattr(other, name) and getattr(one, name) != getattr(other, name):
            return False
    if one.establishment_id and one.establishment_id == other.establishment_id and one.service_type in _ONE_ADDRESS:
        return True
    return False if one.service_type != other.service_type else None


def _entered(homes: list["Home"]) -> None:
    """The day of the newest price counts for a home that has several."""
    placements = _days(Placement, {home.placement.pk for home in homes})
    referrals = _days(Referral, {home.placement.referral_id for home in homes if home.placement.referral_id})
    lines = _days(CostLine, {line.pk for home in homes for line in home.lines})
    for home in homes:
        priced = [lines[line.pk] for line in home.lines if line.pk in lines]
        home.entered = {
            "placement": placements.get(home.placement.pk),
            "referral": referrals.get(home.placement.referral_id or 0), "cost": max(priced, default=None),
        }  # fmt: skip


def _days(model: type, ids: Iterable[int]) -> dict[int, date]:
    entries = events_of(model).filter(operation="insert", row_id__in=list(ids)).values("row_id").annotate(Min("at"))
    return {row["row_id"]: timezone.localdate(row["at__min"]) for row in entries}
