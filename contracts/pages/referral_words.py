"""Words and rows that the pages of the referral log share."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.money import round_half_up
from commissioning.partnership.models import Framework, Lot
from providers.measures.suspended import standing_on
from providers.models import Award, Provider
from providers.rules.matching import likely_names

from ..actions.referrals import barred_on
from ..models import Offer, Referral
from ..rules import codes
from ..rules.searches import needed_in_words

NOBODY = "No provider has been asked yet."


def own_referral(uuid: UUID) -> Referral:
    return get_object_or_404(Referral.objects.select_related("authority", "child"), uuid=uuid)


def counted(rows: QuerySet) -> QuerySet:
    """Referrals with how many were asked, answered and offered, and how many of the offers stand."""
    return rows.annotate(
        asked=Count("offers"),
        answered=Count("offers", filter=~Q(offers__answer="")),
        offered=Count("offers", filter=Q(offers__answer__in=("offered", "withdrawn"))),
    )


def clock_of(row: Referral, today: date) -> str:
    """The clock while it runs; then how the search ended."""
    return needed_in_words(row.needed_by, today) if not row.outcome else row.get_outcome_display()


def offers_of(row: Referral) -> list[Offer]:
    """In the order of asking, the lot and framework with them."""
    rows = Offer.objects.filter(referral=row).select_related("provider", "lot__framework", "establishment")
    return list(rows.order_by("asked_at", "lot__number", "provider__name", "pk"))


def lots_to_ask(authority_id: int, today: date, service_type: str = "") -> list[Lot]:
    """Lots from which the authority may call off today, by kind of home, framework and number."""
    running = [
        framework.pk
        for framework in Framework.objects.joined_by(authority_id, today).prefetch_related("extensions")
        if framework.starts_on <= today and (framework.runs_until is None or framework.runs_until > today)
    ]
    lots = Lot.objects.filter(framework__in=running).select_related("framework")
    order = list(codes.BOUGHT_FROM_LOT)
    meets = [lot for lot in lots if not service_type or service_type in codes.BOUGHT_FROM_LOT[lot.service_type]]
    return sorted(meets, key=lambda lot: (order.index(lot.service_type), lot.framework.name, lot.number))


def lot_choices(lots: list[Lot]) -> list[tuple[str, str]]:
    """ "Fostering: South London IFA framework, lot 1, General" """
    kinds = {key: codes.SERVICE_TYPES[meets[0]] for key, meets in codes.BOUGHT_FROM_LOT.items()}
    return [
        (str(lot.uuid), f"{kinds[lot.service_type]}: {lot.framework.name}, lot {lot.number}, {lot.name}")
        for lot in lots
    ]


def nearest(words: str) -> list[str]:
    return likely_names(words, list(Provider.objects.order_by("name").values_list("name", flat=True)))


def crumbs_of(row: Referral) -> list[tuple[str, str]]:
    return [("Referrals", reverse("referrals")), (str(row), reverse("referral", args=[row.uuid]))]


def hours_told(hours: Decimal | None) -> Decimal | None:
    """To a tenth: nobody's clock of an answer is truer."""
    return None if hours is None else round_half_up(hours, Decimal("0.1"))


def hours_in_words(hours: Decimal) -> str:
    """ "6.3 hours", "8 hours"."""
    return f"{wording.number(round_half_up(hours, Decimal('0.1')).normalize())} hours"


def plural(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def picked(lots: list[Lot], ids: Any) -> list[Lot]:
    wanted = set(ids or ())
    return [lot for lot in lots if str(lot.uuid) in wanted]


def suspended_now(authority_id: int, today: date) -> list[str]:
    """What is suspended today and bars a purchase of the authority's, one sentence each."""
    return [each.says for each in standing_on(today, authority_id) if each.bars(framework=True)]


def left_out(lots: list[Lot], offers: QuerySet, authority_id: int, today: date, override: str) -> str:
    """ "Not asked: Alder Fostering is suspended (Safeguarding)." Empty where nobody was left out."""
    if override.strip():
        return ""
    said: dict[int, str] = {}
    for lot in lots:
        placed = list(Award.objects.in_force_on(today).filter(lot=lot).values_list("provider", flat=True))
        said |= barred_on(lot, authority_id, placed, today)
    asked = set(offers.values_list("provider", flat=True))
    names = [says for provider, says in said.items() if provider not in asked]
    return f" Not asked: {'; '.join(names)}." if names else ""
