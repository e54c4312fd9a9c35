"""Which suspensions cover a purchase, and what the authority has decided of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from commissioning.kernel import wording
from commissioning.partnership.rules.terms import last_day

from ..models import Award, Establishment, Provider, Suspension, SuspensionDecision
from ..rules.suspensions import bars


@dataclass(frozen=True)
class Standing:
    """One suspension in force, and the authority's own decision ("" while it has none)."""

    suspension: Suspension
    decision: str

    def bars(self, *, framework: bool) -> bool:
        return bars(self.decision, framework=framework)

    @property
    def says(self) -> str:
        """ "Alder Fostering is suspended until 30 April 2026 (Safeguarding)" """
        row = self.suspension
        until = f" until {wording.day(last_day(row.expires_on))}" if row.expires_on else ""
        return f"{thing_of(row)} is suspended{until} ({row.get_reason_display()})"


def thing_of(row: Suspension) -> str:
    """What is suspended, in words: the provider, one of its homes, or its place on a lot."""
    if row.establishment_id:
        return f"{row.establishment.shown_name} of {row.provider.name}"
    if row.award_id:
        lot = row.award.lot
        return f"The place of {row.provider.name} on lot {lot.number} of {row.award.framework.name}"
    return row.provider.name


def whole() -> Q:
    """Suspensions of a provider as a whole."""
    return Q(establishment=None, award=None)


def standing_on(day: date, authority_id: int, covers: Q | None = None) -> list[Standing]:
    """Suspensions in force on the day, of everything or of what `covers` says, oldest first. Two queries."""
    rows = Suspension.objects.in_force_on(day).filter(covers if covers is not None else Q())
    found = list(
        rows.select_related("authority", "provider", "establishment", "award__lot", "award__framework")
        .order_by("starts_on", "pk")
    )  # fmt: skip
    if not found:
        return []
    decided = dict(
        SuspensionDecision.objects.filter(authority=authority_id, suspension__in=found)
        .values_list("suspension", "decision")
    )  # fmt: skip
    return [Standing(row, decided.get(row.pk, "")) for row in found]


def over_purchase(
    day: date, authority_id: int, *, provider: Provider | None, establishment: Establishment | None = None,
    award: Award | None = None,
) -> list[Standing]:  # fmt: skip
    """What covers a purchase of that day: of the provider as a whole, of the home, or of the place on the lot."""
    covers = Q(pk__in=[])
    if provider is not None:
        covers |= whole() & Q(provider=provider)
    if establishment is not None:
        covers |= Q(establishment=establishment)
        if establishment.provider_id:
            covers |= whole() & Q(provider=establishment.provider_id)
    if award is not None:
        covers |= Q(award=award)
    return standing_on(day, authority_id, covers)


def barred_providers(day: date, authority_id: int, *, lot_id: int | None, providers: Iterable[int]) -> dict[int, str]:
    """Provider -> why it is not to be asked for a home: the provider is suspended, or its place on the lot. An award's
    suspension counts for its own lot alone, a home's for neither: another of its homes may be offered."""
    covers = whole()
    if lot_id is not None:
        covers |= Q(award__lot=lot_id)
    found: dict[int, str] = {}
    for each in standing_on(day, authority_id, covers & Q(provider__in=list(providers))):
        if each.bars(framework=True):
            found.setdefault(each.suspension.provider_id, each.says)
    return found
