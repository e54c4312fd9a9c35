"""What pages say of a placement: who provides the home, how it was bought, and what became of the purchase."""

from datetime import date, timedelta

from commissioning.kernel import wording
from commissioning.partnership.models import Framework

from ..models import Placement
from ..rules import codes
from ..rules.routes import later_states

Terms = dict[int, tuple[date | None, date | None]]


def terms_of_frameworks() -> Terms:
    """framework id -> (end of its first term, end with the extensions taken). Two queries."""
    return {each.pk: (each.ends_before, each.runs_until) for each in Framework.objects.prefetch_related("extensions")}


def home_of(placement: Placement) -> str:
    """Who provides it: a provider, the name a file had, a place of the authority's own, or the authority itself."""
    if placement.provider_id:
        return placement.provider.name
    if placement.pathway_place_id:
        return placement.pathway_place.name
    if placement.provider_name:
        return placement.provider_name
    return "Our own" if placement.route == "in_house" else ""


def lives_there(placement: Placement, today: date) -> str:
    """ "Child 12 has lived there since 3 March 2026." """
    since, left = wording.day(placement.starts_on), placement.ends_before
    if left is not None and left <= today:
        return f"{placement.child} lived there from {since} until {wording.day(left)}."
    if placement.starts_on > today:
        return f"{placement.child} moves there on {since}."
    return f"{placement.child} has lived there since {since}."


def state_on(placement: Placement, day: date, terms: Terms) -> str:
    """The later state of the purchase on one of its nights; empty for spot and in-house."""
    if placement.award_id is None or day < placement.starts_on:
        return ""
    initial, end = terms[placement.award.framework_id]
    states = later_states(
        placement.starts_on, day + timedelta(days=1), initial_end=initial, framework_end=end,
        award_end=placement.award.ends_before,
    )  # fmt: skip
    return states[-1][0]


def bought_how(placement: Placement, day: date, terms: Terms) -> str:
    """ "Spot: specialist need"; "Framework"; "Framework, since then: Provider has left the lot"."""
    route = placement.get_route_display()
    if placement.route == "spot":
        why = codes.SPOT_REASONS.get(placement.spot_reason)
        return f"{route}: {why[0].lower()}{why[1:]}" if why else f"{route}, reason not recorded"
    state = state_on(placement, day, terms)
    return f"{route}. Since then: {codes.LATER_STATES[state].lower()}" if state not in ("", "in_force") else route


def last_day(ends_before: date | None) -> date | None:
    return ends_before - timedelta(days=1) if ends_before else None


def last_day_of(ends_before: date | None) -> str:
    """ "3 March 2026", the last day of a period in words; empty where it is open."""
    last = last_day(ends_before)
    return wording.day(last) if last else ""
