"""The word of a return's list for a fact, where no word came in with it. A fact for which the list has no honest word
is told by none: the cell is empty, and counted as not said (rules/completeness.py)."""

from typing import TYPE_CHECKING

from ..rules import layouts_census as census
from ..rules import layouts_liia as liia
from ..rules.layouts import Column, Layout
from .return_standard import words_of

if TYPE_CHECKING:
    from .returns import Home

PARTS = ("social_care", "education", "health")


def word_for(column: Column, layout: Layout, home: "Home", told: str) -> str:
    """Empty where the list has no word for it, or nothing is recorded."""
    if layout.family == "standard":
        words = words_of(column.key, home)
    else:
        words = _census(column, home, told) if layout.family == "census" else _liia(column, home, told)
    if column.words is None:
        return words[0] if words else ""
    return next((word for word in words if word in column.words), "")


def _meaning(table: dict, told: object) -> list[str]:
    return [word for word, means in table.items() if means == told]


def _census(column: Column, home: "Home", told: str) -> list[str]:
    place = home.placement
    match column.key:
        case "looked_after":
            return _meaning(census.CARE_STATUS, told)
        case "placed_by":
            return [name for name in census.PLACING if name == place.authority.name] or [place.authority.name]
        case "gender":
            return _meaning(census.SEX, told)
        case "ethnicity":
            return _meaning(census.ETHNICITY, told)
        case "sourced":
            return list(census.SOURCED_OF_ROUTE[place.route])
        case "provision":
            short = (place.service_type, place.respite)
            own = [
                word for word, means in census.PROVISION.items() if means == (place.service_type, True, place.respite)
            ]
            usual = [*census.PROVISION_OF.get(short, ()), *census.PROVISION_OF.get((place.service_type, False), ())]
            if place.service_type == "fostering" and place.level == "enhanced" and not place.respite:
                usual.insert(0, census.ENHANCED)
            if place.service_type == "supported" and place.premises and place.premises.category:
                usual = [*census.CATEGORY_WORDS[place.premises.category], *usual]
            return [*(own if place.route == "in_house" else []), *usual]
        case "uasc":
            return {"true": ["Yes"], "false": ["No"]}.get(told, ["Unknown"])
        case "registration":
            return list(census.REGISTRATION_OF[place.registration])
        case "distance":
            table = census.DISTANCE | census.DISTANCE_2022
            return _meaning(table, told or ("not_applicable" if place.boundary == "in" else ""))
        case "packages":
            return ["Yes" if any(line.category == "additional" for line in home.lines) else "No"] if home.lines else []
        case "dols":
            return ["DoLS (current)" if home.deprived else "No"]
        case "solo":  # whether one is needed is not recorded, and every word of the list says it
            return []
        case "host":
            return [place.host_authority.name if place.host_authority else place.host_area]
    return _names(column.key, home)


def _liia(column: Column, home: "Home", told: str) -> list[str]:
    place = home.placement
    match column.key:
        case "gender":
            return _meaning(liia.SEX, told)
        case "ethnicity" | "end_reason" | "legal_status":
            return [told]
        case "disability":
            return told.split(";")
        case "ehcp" | "uasc":
            return {"true": ["Yes"], "false": ["No"]}.get(told, [])
        case "care_from":
            return [f"{home.status.starts_on:%d/%m/%Y}"] if home.status else []
        case "provision":
            return [liia.TYPE_OF[place.service_type]]
        case "provider_type":
            sectors = [each.sector for each in (place.establishment, place.provider) if each and each.sector]
            return ["PR1"] if place.route == "in_house" else [liia.PROVIDER_OF[sector] for sector in sectors[:1]]
        case "sourced":
            return [liia.PLATFORM_OF.get(place.route, "")]
        case "framework":
            return [place.lot.framework.reference] if place.lot else []
        case "host":
            return [place.host_authority.name if place.host_authority else place.host_area]
    return _names(column.key, home)


def _names(key: str, home: "Home") -> list[str]:
    place = home.placement
    match key:
        case "organisation":
            name = place.provider.name if place.provider else place.provider_name
            return [name or (place.authority.name if place.route == "in_house" else "")]
        case "company_number":
            return [place.provider.company_number or ""] if place.provider else []
        case "establishment":
            return [place.establishment.shown_name] if place.establishment else []
        case "establishment_urn":
            return [place.establishment.urn] if place.establishment else []
    return []
