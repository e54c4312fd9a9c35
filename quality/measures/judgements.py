"""What the regulator says of the homes and agencies that a provider would use, judgement by judgement."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from providers.models import Establishment

from ..models import Inspection
from ..rules import scales


@dataclass(frozen=True)
class Standing:
    """A provider's establishments of some kinds: (judgement, how many) worst first, the newest date, places.

    A judgement of "" is not yet inspected. With one establishment the date is that of its judgement.
    """

    counts: tuple[tuple[str, int], ...]
    newest_on: date | None
    places: int | None

    @property
    def establishments(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def judgements(self) -> tuple[str, ...]:
        return tuple(judgement for judgement, _ in self.counts)

    @property
    def worst(self) -> str:
        """The judgement that limits, for sorting; "" where none has been inspected."""
        judged = [judgement for judgement in self.judgements if judgement]
        return judged[0] if judged else ""

    def __str__(self) -> str:
        if not self.counts:
            return ""
        if self.establishments == 1:
            (judgement, _), year = self.counts[0], self.newest_on and f", {self.newest_on:%B %Y}"
            return scales.ALL_JUDGEMENTS[judgement] + (year or "") if judgement else scales.NOT_YET_INSPECTED
        said = [f"{count} {_words(judgement)}" for judgement, count in self.counts]
        return ", ".join(said) + (f"; latest {self.newest_on:%B %Y}" if self.newest_on else "")


def standings(provider_ids: Collection[int], kinds: Collection[str]) -> dict[int, Standing]:
    """Provider -> Standing, over its listed establishments of these kinds. Two queries whatever the number."""
    homes = Establishment.objects.listed().filter(provider_id__in=provider_ids, kind__in=kinds)
    mine: dict[int, list[tuple[int, int | None]]] = {}
    for provider_id, home_id, places in homes.values_list("provider_id", "pk", "places"):
        mine.setdefault(provider_id, []).append((home_id, places))
    latest = latest_judgements([home_id for each in mine.values() for home_id, _ in each])
    return {provider_id: _standing(each, latest) for provider_id, each in mine.items()}


def latest_judgements(establishment_ids: Collection[int]) -> dict[int, tuple[str, date]]:
    """Establishment -> (judgement, day) of its newest inspection that ended in one."""
    found = (
        Inspection.objects.judged()
        .told_once()
        .filter(establishment_id__in=establishment_ids)
        .order_by("establishment_id", "-inspected_on", "-event_number")
        .distinct("establishment_id")
    )
    return {
        home_id: (overall, day)
        for home_id, overall, day in found.values_list("establishment_id", "overall", "inspected_on")
    }


def _standing(homes: list[tuple[int, int | None]], latest: dict[int, tuple[str, date]]) -> Standing:
    judgements = Counter(latest[home_id][0] if home_id in latest else "" for home_id, _ in homes)
    order = {judgement: place for place, judgement in enumerate(scales.WORST_FIRST)}
    counts = tuple(sorted(judgements.items(), key=lambda pair: order[pair[0]]))
    days = [latest[home_id][1] for home_id, _ in homes if home_id in latest]
    known = [places for _, places in homes if places is not None]
    return Standing(counts, max(days, default=None), sum(known) if known else None)


def _words(judgement: str) -> str:
    return scales.ALL_JUDGEMENTS[judgement] if judgement else scales.NOT_YET_INSPECTED.lower()
