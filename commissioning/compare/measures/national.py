"""An authority's published figure beside those of the partnership's members, its neighbours, its region and England.

Nothing is worked out anew but medians of neighbours, differences and places among members: figures stand as published.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q

from commissioning.partnership.models import Authority

from ..models import NationalFigure, NationalMeasure, StatisticalNeighbour
from ..rules import national

OURS, MEMBER, NEIGHBOUR, CHOSEN, REGION, ENGLAND = "ours", "member", "neighbour", "chosen", "region", "england"
Area = int | str  # an authority's key, or the code of a region or of England


@dataclass(frozen=True)
class Offered:
    """A measure of which figures are loaded."""

    code: str
    known: national.Known
    newest: int
    of_authorities: bool
    parts: bool  # whether its figures are told apart by more than year and area


@dataclass(frozen=True)
class Figure:
    value: Decimal | None
    sign: str
    period: str
    import_id: int | None
    row: int | None


@dataclass
class Line:
    """One authority or area, with its figures by year. `rank` and `closeness` are those of a neighbour of ours."""

    area: Area
    name: str
    kinds: tuple[str, ...]
    figures: Mapping[int, Figure] = field(default_factory=dict)
    slug: str = ""
    rank: int | None = None
    closeness: str = ""
    others: tuple[Decimal, ...] = ()  # what its own neighbours, or failing them its region, have in the year

    def value(self, year: int) -> Decimal | None:
        found = self.figures.get(year)
        return found.value if found else None


@dataclass(frozen=True)
class Beside:
    """`lines` in order: ours, the chosen one, members, neighbours, regions, England."""

    lines: list[Line]
    years: dict[int, str]  # year -> as DfE writes it, newest first
    year: int
    edition: int
    neighbours_of: int | None  # the year of the list of neighbours

    @property
    def ours(self) -> Line:
        return self.lines[0]

    def of_kind(self, kind: str) -> list[Line]:
        return [line for line in self.lines if kind in line.kinds]

    def median(self, year: int) -> Decimal | None:
        """Of our neighbours that have a figure."""
        return national.median(self.values(NEIGHBOUR, year))

    def values(self, kind: str, year: int) -> list[Decimal]:
        found = (line.value(year) for line in self.of_kind(kind))
        return [value for value in found if value is not None]


def offered() -> list[Offered]:
    """Every measure with figures; those that are known here first, in the order of rules/national.py. Two queries."""
    loaded = NationalFigure.objects.order_by().values("measure").annotate(
        newest=Max("year"), authorities=Count("authority"), part=Max("part")
    )  # fmt: skip
    found = {row["measure"]: row for row in loaded}
    described = {
        row.code: row
        for row in NationalMeasure.objects.filter(code__in=[code for code in found if code not in national.MEASURES])
        .only("code", "title", "good").order_by("-pk")
    }  # fmt: skip
    measures = [
        Offered(
            code, national.known(code, *_told(described.get(code))), row["newest"], bool(row["authorities"]),
            bool(row["part"]),
        )
        for code, row in found.items()
    ]  # fmt: skip
    return sorted(measures, key=lambda each: (national.ORDER.get(each.code, len(national.ORDER)), each.known.title))


def _told(row: NationalMeasure | None) -> tuple[str, str]:
    return (row.title, row.good) if row else ("", "")


def described(code: str) -> NationalMeasure | None:
    """The dictionary's words for a code; None where it has none, or several that differ by topic."""
    found = list(NationalMeasure.objects.filter(code=code)[:2])
    return found[0] if len(found) == 1 else None


def parts_of(measure: str) -> list[str]:
    return list(
        NationalFigure.objects.filter(measure=measure).order_by("part").values_list("part", flat=True).distinct()
    )


def england_now(today: date, *, own: int) -> list[Authority]:
    """The authorities of today, and one's own, by name."""
    current = Authority.objects.current_on(today).values("pk")
    return list(Authority.objects.filter(Q(pk=own) | Q(pk__in=current)).order_by("name"))


def beside(
    measure: str, part: str, *, own: int, chosen: str, asked_year: int | None, authorities: list[Authority], today: date
) -> Beside | None:
    """The figures of one measure and part. None where none is loaded. `chosen` is a slug, or empty. Two queries."""
    figures: dict[Area, dict[int, Figure]] = defaultdict(dict)
    edition = 0
    rows = NationalFigure.objects.filter(measure=measure, part=part).values_list(
        "authority_id", "region_code", "year", "value", "sign", "period", "source_import_id", "source_row", "edition"
    )
    for authority_id, region, year, value, sign, period, run, row, of_edition in rows:
        figures[authority_id or region][year] = Figure(plain(value), sign, period, run, row)
        edition = max(edition, of_edition)
    if not figures:
        return None
    years = {year: each.period for found in figures.values() for year, each in found.items()}
    years = dict(sorted(years.items(), reverse=True))
    year = asked_year if asked_year in years else next(iter(years))
    near: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    listed: dict[int, int] = {}
    for authority_id, rank, neighbour, closeness, listed_in in StatisticalNeighbour.objects.order_by(
        "rank"
    ).values_list("authority_id", "rank", "neighbour_id", "closeness", "edition"):
        near[authority_id].append((rank, neighbour, closeness))
        listed[authority_id] = listed_in
    by_id = {authority.pk: authority for authority in authorities}
    lines = list(_lines(own, chosen, by_id, near[own], today))
    for line in lines:
        line.figures = figures.get(line.area, {})
        if isinstance(line.area, int):
            neighbours = [neighbour for _, neighbour, _ in near[line.area]]
            line.others = _typical(neighbours, by_id[line.area].region_code, figures, year)
    return Beside(lines, years, year, edition, listed.get(own))


def plain(value: Decimal | None) -> Decimal | None:
    """Without noughts at the end: 9880.0000 is 9880."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


def _typical(
    neighbours: Iterable[int], region: str, figures: Mapping[Area, Mapping[int, Figure]], year: int
) -> tuple[Decimal, ...]:
    areas: list[Any] = list(neighbours) or [region]
    found = [figures.get(area, {}).get(year) for area in areas]
    return tuple(each.value for each in found if each is not None and each.value is not None)


def _lines(
    own: int, chosen: str, authorities: Mapping[int, Authority], near: list[tuple[int, int, str]], today: date
) -> Iterable[Line]:
    """Each authority once, with everything that it is to us."""
    ranks = {neighbour: (rank, closeness) for rank, neighbour, closeness in near}
    asked = next((pk for pk, each in authorities.items() if each.slug == chosen and pk != own), None)
    members = [pk for pk, each in authorities.items() if pk != own and is_member(each, today)]
    ordered = dict.fromkeys([own, *([asked] if asked else []), *members, *ranks])
    for pk in ordered:
        if pk not in authorities:  # a neighbour that was abolished since the list was made
            continue
        rank, closeness = ranks.get(pk, (None, ""))
        kinds = {
            OURS: pk == own,
            CHOSEN: pk == asked,
            MEMBER: is_member(authorities[pk], today),
            NEIGHBOUR: pk in ranks,
        }
        held = tuple(kind for kind, holds in kinds.items() if holds)
        yield Line(pk, authorities[pk].name, held, slug=authorities[pk].slug, rank=rank, closeness=closeness)
    region = authorities[own].region_code
    parts = national.PARTS_OF_LONDON if region == national.LONDON else ()
    for code in (region, *parts):
        if code in national.AREAS:
            yield Line(code, national.AREAS[code][0], (REGION,))
    yield Line(national.ENGLAND, national.AREAS[national.ENGLAND][0], (ENGLAND,))


def is_member(authority: Authority, today: date) -> bool:
    until = authority.member_until
    return bool(authority.member_from and authority.member_from <= today and (until is None or until > today))
