"""A search for a home: opened, providers asked, their answers, a choice, and its end."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged
from commissioning.partnership.models import Framework, Lot
from providers.measures.suspended import barred_providers
from providers.models import Award, Provider

from ..models import Child, Offer, Placement, Referral
from ..rules import codes
from .numbers import next_number

FIRST_TIER = 1
OFFERED = "offered"
# How a search ends without one of the offers being chosen.
CLOSED_WITHOUT = ("in_house", "withdrawn", "not_found")


@transaction.atomic
def open_referral(
    *, child: Child, needed_by: date, urgency: str, in_house_tried: str, service_type: str, by: Any, now: datetime,
    lots: Sequence[Lot] = (), providers: Sequence[Provider] = (), first_tier: bool = False, override_reason: str = "",
    **facts: Any,
) -> Referral:  # fmt: skip
    """A search that is opened now, and whoever is asked in it (as ask_providers).

    ValidationError (by field) for a day that is past, and as ask_providers.
    """
    if needed_by < timezone.localdate(now):
        raise ValidationError({"needed_by": "That day is past: enter the day by which the home is needed."})
    referral = Referral.objects.create(
        authority_id=child.authority_id, number=next_number(Referral, child.authority_id), child=child, opened_at=now,
        needed_by=needed_by, urgency=urgency, in_house_tried=in_house_tried, service_type=service_type, **facts,
    )  # fmt: skip
    ask_providers(
        referral=referral, lots=lots, providers=providers, first_tier=first_tier, override_reason=override_reason,
        by=by, now=now,
    )  # fmt: skip
    return referral


@transaction.atomic
def ask_providers(
    *, referral: Referral, by: Any, now: datetime, lots: Sequence[Lot] = (), providers: Sequence[Provider] = (),
    first_tier: bool = False, override_reason: str = "",
) -> list[Offer]:  # fmt: skip
    """Asks every provider with a place in force on the lots, and the ones named, each once; whoever was asked before
    is not asked again. `first_tier`: of a lot that has tiers, the first alone. Who is suspended is left out of a lot,
    unless there is a reason for asking all the same, which history keeps.

    ValidationError (by field) for a search that is closed, a lot for another service or of a framework in which the
    authority takes no part, a lot on which nobody has a place or everybody is suspended, a named provider that was
    asked before, and one that is suspended.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(pk=referral.pk)
    if referral.outcome:
        raise ValidationError("This search is closed: open it again before anybody is asked.")
    today = timezone.localdate(now)
    asked = set(Offer.objects.filter(referral=referral).values_list("provider", flat=True))
    wanted: dict[int, int | None] = {}
    for lot in lots:
        placed = places_on(lot, referral.authority_id, referral.service_type, today, first_tier=first_tier)
        barred = {} if override_reason.strip() else barred_on(lot, referral.authority_id, placed, today)
        if len(barred) == len(placed):
            says = f"Everybody on “{lot.name}” is suspended. Name another provider, or say why they are asked."
            raise ValidationError({"lots": says})
        for each in placed:
            if each not in asked and each not in barred:
                wanted.setdefault(each, lot.pk)
    for provider in providers:
        if provider.pk in asked:
            raise ValidationError({"providers": f"{provider.name} was asked in this search already."})
        wanted.setdefault(provider.pk, None)
    if providers and not override_reason.strip():
        _refuse_suspended(providers, referral.authority_id, today)
    with acting_as(current_viewer(), by=by, reason=override_reason.strip()):
        return Offer.objects.bulk_create(
            Offer(
                authority_id=referral.authority_id, referral=referral, provider_id=provider_id, lot_id=lot_id,
                service_type=referral.service_type, urgency=referral.urgency, needed_by=referral.needed_by,
                asked_at=now,
            )
            for provider_id, lot_id in wanted.items()
        )  # fmt: skip


def barred_on(lot: Lot, authority_id: int, placed: Sequence[int], today: date) -> dict[int, str]:
    """Of the providers placed on a lot, those that are not asked, each with why."""
    return barred_providers(today, authority_id, lot_id=lot.pk, providers=placed)


def _refuse_suspended(providers: Sequence[Provider], authority_id: int, today: date) -> None:
    """A provider asked by name is asked outside the lots; the partnership's flag stops that too."""
    barred = barred_providers(today, authority_id, lot_id=None, providers=[each.pk for each in providers])
    if barred:
        says = ". ".join(barred.values())
        raise ValidationError({"providers": f"{says}. Leave it out, or say why it is asked all the same."})


def places_on(lot: Lot, authority_id: int, service_type: str, today: date, *, first_tier: bool) -> list[int]:
    """Providers with a place in force on the lot, by rank. ValidationError as ask_providers."""
    if service_type not in codes.BOUGHT_FROM_LOT.get(lot.service_type, ()):
        raise ValidationError({"lots": f"“{lot.name}” is not for {codes.SERVICE_TYPES[service_type].lower()}."})
    framework = Framework.objects.joined_by(authority_id, today).filter(pk=lot.framework_id).first()
    if framework is None or (framework.runs_until is not None and framework.runs_until <= today):
        raise ValidationError({"lots": f"“{lot.name}” cannot be called off: its framework ended, or you left it."})
    places = Award.objects.in_force_on(today).filter(lot=lot).order_by("tier", "rank", "provider__name")
    found = list(places.values_list("provider", "tier"))
    if first_tier and any(tier is not None for _, tier in found):
        found = [(provider, tier) for provider, tier in found if tier == FIRST_TIER]
    if not found:
        raise ValidationError({"lots": f"Nobody has a place on “{lot.name}” today: name the providers instead."})
    return [provider for provider, _ in found]


@transaction.atomic
def record_answer(
    *, offer: Offer, version: int, answer: str, answered_at: datetime, by: Any, now: datetime, decline_reason: str = "",
    weekly_amount: Any = None, available_on: date | None = None, establishment: Any = None,
    suitable: bool | None = None,
) -> Offer:  # fmt: skip
    """What a provider answered, and when. What an offer said stays on record where it was withdrawn.

    Raises ChangedMeanwhile. ValidationError (by field) for a time before it was asked or to come, a decline without
    its reason, a home of another provider, and a chosen offer that would no longer be one.
    """
    if not answer or answer not in codes.ANSWERS:
        raise ValidationError({"answer": "Choose what the provider answered."})
    if answered_at < offer.asked_at:
        raise ValidationError({"answered_on": "That is before the provider was asked: check the day and the time."})
    if answered_at > now:
        raise ValidationError({"answered_on": "That time has not come: check the day and the time."})
    if answer == "declined" and not decline_reason:
        raise ValidationError({"decline_reason": "Choose why the provider declined."})
    if offer.chosen and answer != OFFERED:
        raise ValidationError({"answer": "This offer was chosen: open the search again before its answer changes."})
    if establishment is not None and establishment.provider_id != offer.provider_id:
        raise ValidationError({"establishment": "That home is another provider's."})
    declined = answer == "declined"
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            offer, version, answer=answer, answered_at=answered_at, decline_reason=decline_reason if declined else "",
            weekly_amount=None if declined else weekly_amount, available_on=None if declined else available_on,
            establishment=None if declined else establishment, suitable=None if declined else suitable,
        )  # fmt: skip


@transaction.atomic
def choose_offer(
    *, referral: Referral, version: int, offer: Offer, chosen_why: str, by: Any, now: datetime
) -> Referral:
    """The search ends with this offer. Raises ChangedMeanwhile; ValidationError (by field) without a reason, for a
    search that is closed, or an answer that is not an offer."""
    _need_open(referral)
    if not chosen_why.strip():
        raise ValidationError({"chosen_why": "Say why this home was chosen: it stays on the record."})
    offer = Offer.objects.select_for_update(of=("self",)).select_related("provider").get(
        pk=offer.pk, referral=referral
    )  # fmt: skip
    if offer.answer != OFFERED:
        raise ValidationError({"offer": f"{offer.provider.name} has no offer on record that stands."})
    with acting_as(current_viewer(), by=by):
        saved = save_unchanged(referral, version, outcome="placed", chosen_why=chosen_why.strip(), closed_at=now)
        save_unchanged(offer, offer.version, chosen=True)
    return saved


@transaction.atomic
def close_referral(
    *, referral: Referral, version: int, outcome: str, by: Any, now: datetime, chosen_why: str = ""
) -> Referral:
    """The search ends without one of its offers. Raises ChangedMeanwhile; ValidationError for one that is closed."""
    _need_open(referral)
    if outcome not in CLOSED_WITHOUT:
        raise ValidationError({"outcome": "Choose how the search ended."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(referral, version, outcome=outcome, chosen_why=chosen_why.strip(), closed_at=now)


@transaction.atomic
def reopen_referral(*, referral: Referral, version: int, reason: str, by: Any) -> Referral:
    """A search that goes on: what was chosen no longer is. Raises ChangedMeanwhile; ValidationError without a reason,
    for one that is open, or one from which a placement was made."""
    if not referral.outcome:
        raise ValidationError("This search is open.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why: it stays on the record."})
    if Placement.objects.filter(referral=referral).exists():
        raise ValidationError("A placement was made from this search: open a new one.")
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        saved = save_unchanged(referral, version, outcome="", closed_at=None, chosen_why="")
        Offer.objects.filter(referral=referral, chosen=True).update(chosen=False)
    return saved


@transaction.atomic
def tell_view(
    *, referral: Referral, version: int, by: Any, child_view: str = "", visited_first: str = "", needs: str = ""
) -> Referral:
    """What the young person says, whether they could visit first, and what they need. Raises ChangedMeanwhile."""
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            referral, version, child_view=child_view.strip(), visited_first=visited_first, needs=needs.strip()
        )


def _need_open(referral: Referral) -> None:
    """A search that somebody else closed meanwhile is a change meanwhile, and is told as one."""
    now = Referral.objects.select_for_update(of=("self",)).get(pk=referral.pk)
    if now.outcome and not referral.outcome:
        raise ChangedMeanwhile(now)
    if now.outcome:
        raise ValidationError("This search is closed: open it again first.")
