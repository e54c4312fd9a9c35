"""Which route a purchase took: the facts of the call-off day, looked up, and judged by rules/routes.py."""

from datetime import date

from commissioning.partnership.models import Participation
from providers.models import Award

from ..rules import codes
from ..rules.routes import Facts, route_of, why_not


def facts_of(award: Award, authority_id: int, service_type: str) -> Facts:
    """What is known of the award's framework, lot and place, and of when the authority took part."""
    framework = award.framework
    taken_part = Participation.objects.filter(framework=framework, authority=authority_id)
    return Facts(
        framework_kind=framework.kind,
        framework_starts_on=framework.starts_on,
        framework_ends_before=framework.runs_until,
        award_starts_on=award.starts_on,
        award_ends_before=award.ends_before,
        participation=tuple(taken_part.values_list("starts_on", "ends_before")),
        fits_service=service_type in codes.BOUGHT_FROM_LOT.get(award.lot.service_type, ()),
    )


def route_on(
    day: date, award: Award | None, authority_id: int, service_type: str, *, in_house: bool
) -> tuple[str, str]:
    """(route, why the award could not be used; empty where it could or none was claimed)."""
    if award is None or in_house:
        return route_of(day, None, in_house=in_house), ""
    facts = facts_of(award, authority_id, service_type)
    return route_of(day, facts, in_house=False), why_not(day, facts)
