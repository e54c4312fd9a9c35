"""An owner's group as a tree on one day, and who owned a provider when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from commissioning.kernel import wording

from ..models import Ownership, Provider


@dataclass(frozen=True)
class Member:
    """A provider in the tree, with what it owns. `here` is the one whose page it is."""

    provider: Provider
    here: bool
    owns: tuple["Member", ...] = ()

    @property
    def size(self) -> int:
        return 1 + sum(each.size for each in self.owns)


def group_of(provider: Provider, day: date) -> Member | None:
    """The whole group from its topmost owner, or None where the provider stands alone. One query."""
    owner: dict[int, Provider] = {}
    owned: dict[int, list[Provider]] = defaultdict(list)
    # A contact sees its own provider, and what that owns by the join alone: asked for by what may be seen.
    owned_and_seen = Ownership.objects.on(day).filter(owned__in=Provider.objects.all())
    for row in owned_and_seen.select_related("provider", "owned").order_by("owned__name"):
        owner[row.owned_id] = row.provider
        owned[row.provider_id].append(row.owned)
    top, seen = provider, {provider.pk}
    while (above := owner.get(top.pk)) and above.pk not in seen:
        top = above
        seen.add(top.pk)
    tree = _member(top, owned, provider.pk, frozenset())
    return tree if tree.owns else None


def _member(provider: Provider, owned: dict[int, list[Provider]], here: int, above: frozenset[int]) -> Member:
    """A provider that owns one above itself, by a mistake in the records, is shown once."""
    path = above | {provider.pk}
    below = tuple(_member(each, owned, here, path) for each in owned.get(provider.pk, ()) if each.pk not in path)
    return Member(provider, provider.pk == here, below)


def ownerships_of(provider: Provider) -> list[tuple[str, Ownership]]:
    """(the period in words, the ownership) newest first: who owned this provider."""
    rows = provider.owners.select_related("provider")
    ordered = sorted(rows, key=lambda row: row.starts_on or date.min, reverse=True)
    return [(_period(row.starts_on, row.ends_before), row) for row in ordered]


def _period(starts_on: date | None, ends_before: date | None) -> str:
    begins = f"From {wording.day(starts_on)}" if starts_on else "From a day not recorded"
    return f"{begins} to {wording.day(ends_before - timedelta(days=1))}" if ends_before else begins
