"""How much depends on each owner: own children and what they cost a week, by the group that runs their homes."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from contracts.measures.placement_rows import with_last_night, with_weekly
from contracts.models import Placement, Presence
from providers.models import Establishment, Ownership, Provider

from ..rules.scales import scale_of
from .judgements import latest_judgements


@dataclass
class Group:
    """The providers under one owner on a day. `weekly` sums what is recorded; `unpriced` placements have no price.
    `judged`: scale -> the latest judgement of each listed home of the group ("" not yet inspected) -> how many."""

    top: Provider
    providers: list[Provider] = field(default_factory=list)
    placements: int = 0
    weekly: Decimal = Decimal(0)
    unpriced: int = 0
    homes_used: int = 0
    homes: int = 0
    judged: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    others: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.top.name


def tops(day: date) -> dict[int, int]:
    """Provider -> who stands at the top of its group on the day, for those whom somebody owns. One query."""
    owner = dict(Ownership.objects.on(day).values_list("owned", "provider"))
    found = {}
    for provider in owner:
        top, seen = provider, {provider}
        while owner.get(top) is not None and owner[top] not in seen:  # a ring, by a mistake in the records, ends
            top = owner[top]
            seen.add(top)
        found[provider] = top
    return found


def exposure(day: date, today: date, authority_id: int) -> list[Group]:
    """Groups in which the authority has a child today, those with most first. The owners are those of `day`. About
    seven queries, whatever the number of placements."""
    top_of = tops(day)
    groups: dict[int, Group] = {}
    used: dict[int, set[int]] = defaultdict(set)
    rows = with_weekly(with_last_night(_bought(today).exclude(run_by=None), today))
    for provider_id, home_id, weekly in rows.values_list("run_by", "establishment", "weekly"):
        group = groups.setdefault(top_of.get(provider_id, provider_id), Group(Provider()))
        group.placements += 1
        group.weekly += weekly or 0
        group.unpriced += weekly is None
        if home_id:
            used[top_of.get(provider_id, provider_id)].add(home_id)
    members = _members(groups, top_of)
    for top, group in groups.items():
        group.providers = members[top]
        group.top = next(each for each in members[top] if each.pk == top)
        group.homes_used = len(used[top])
    owner_of = {provider.pk: top for top, providers in members.items() for provider in providers}
    _judge(groups, owner_of)
    _beside(groups, owner_of, authority_id)
    return sorted(groups.values(), key=lambda group: (-group.placements, -group.weekly, group.name))


def _members(groups: dict[int, Group], top_of: dict[int, int]) -> dict[int, list[Provider]]:
    """Top -> everyone in its group, the top first."""
    ids = {top: {top} | {owned for owned, over in top_of.items() if over == top} for top in groups}
    known = Provider.objects.in_bulk(sorted(set().union(*ids.values()))) if ids else {}
    return {
        top: sorted((known[each] for each in mine if each in known), key=lambda row: (row.pk != top, row.name))
        for top, mine in ids.items()
    }


def _judge(groups: dict[int, Group], owner_of: dict[int, int]) -> None:
    homes = Establishment.objects.listed().filter(provider__in=list(owner_of))
    listed = list(homes.values_list("pk", "provider", "kind"))
    latest = latest_judgements([pk for pk, _, _ in listed])
    for pk, provider, kind in listed:
        group = groups[owner_of[provider]]
        group.homes += 1
        group.judged[scale_of(kind)][latest.get(pk, ("", None))[0]] += 1


def _beside(groups: dict[int, Group], owner_of: dict[int, int], authority_id: int) -> None:
    """Other authorities with children at homes of the group: by name and band. A band is of one home: the highest."""
    rows = Presence.objects.filter(establishment__provider__in=list(owner_of)).exclude(authority=authority_id)
    bands: dict[int, dict[str, str]] = defaultdict(dict)
    for provider, name, band in rows.values_list("establishment__provider", "authority__name", "band"):
        mine = bands[owner_of[provider]]
        mine[name] = "many" if "many" in (band, mine.get(name)) else "few"
    words = dict(Presence._meta.get_field("band").flatchoices)
    for top, mine in bands.items():
        groups[top].others = [(name, words[band].lower()) for name, band in sorted(mine.items())]


def at_risk(provider_ids: list[int], today: date) -> QuerySet:
    """Own placements that are open with these providers, with their `weekly` price."""
    return with_weekly(with_last_night(_bought(today).filter(run_by__in=provider_ids), today)).order_by("number")


def _bought(today: date) -> QuerySet:
    """Own placements open today. `run_by` is the provider that it was bought from, else who runs the home."""
    return Placement.objects.on(today).annotate(run_by=Coalesce("provider", "establishment__provider"))


def group_ids(provider_id: int, day: date) -> list[int]:
    """The provider and everyone under it on the day."""
    top_of, found = dict(Ownership.objects.on(day).values_list("owned", "provider")), {provider_id}
    grown = True
    while grown:
        under = {owned for owned, over in top_of.items() if over in found}
        grown = not under <= found
        found |= under
    return sorted(found)


def others_with(provider_ids: list[int], authority_id: int) -> list[tuple[str, str]]:
    """Other authorities with children at homes of these providers, by name and band."""
    rows = Presence.objects.filter(establishment__provider__in=provider_ids).exclude(authority=authority_id)
    found: dict[str, str] = {}
    for name, band in rows.values_list("authority__name", "band"):
        found[name] = "many" if "many" in (band, found.get(name)) else "few"
    words = dict(Presence._meta.get_field("band").flatchoices)
    return [(name, words[band].lower()) for name, band in sorted(found.items())]
