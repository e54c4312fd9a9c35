"""Which route a purchase took: the facts of the call-off day, looked up, and judged by rules/routes.py."""

from datetime import date

from django.core.exceptions import ValidationError

from commissioning.partnership.models import Participation
from providers.measures.suspended import over_purchase
from providers.models import Award, Establishment, Provider

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


def refuse_suspended(
    day: date, authority_id: int, *, provider: Provider | None, establishment: Establishment | None,
    award: Award | None,
) -> None:  # fmt: skip
    """ValidationError (by field) for a purchase of that day that a suspension in force bars. The suspension is the
    partnership's; what it bars is also the authority's own decision (providers/rules/suspensions.py)."""
    standing = over_purchase(day, authority_id, provider=provider, establishment=establishment, award=award)
    barred = dict.fromkeys(each.says for each in standing if each.bars(framework=award is not None))
    if barred:
        says = f"{'. '.join(barred)}. Choose another home, or say why this one all the same: the reason is kept."
        raise ValidationError({"override_reason": says})
