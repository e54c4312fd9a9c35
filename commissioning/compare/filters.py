"""What may be asked of releases and of their figures. Dimensions are closed: nothing else can be asked, and no figure
can be asked by what it says."""

import django_filters as filters

from commissioning.partnership.filters import ISO_DAY, Selection
from commissioning.partnership.rules.codes import LEVELS
from contracts.filters_spend import AskedAside
from contracts.models import Placement
from contracts.rules import codes
from quality.rules.scales import ALL_JUDGEMENTS, NOT_YET_INSPECTED

from .models import PublishedFigure, Release, ReleaseState
from .rules.catalogue import AGES, CUTS, MEASURES
from .rules.data_quality import RESOURCES, SIDES

NONE = "none"  # a level that is not told, a judgement that is not yet made: as in the pages' addresses


class ReleaseSelection(Selection):
    state = filters.ChoiceFilter(choices=ReleaseState.choices, label="how far it is")
    as_at = filters.DateFilter(input_formats=ISO_DAY, label="of the twelve months to this day")

    class Meta:
        model = Release
        fields: list[str] = []


class ReleaseFilter(AskedAside, filters.NumberFilter):
    pass


class GroupFilter(AskedAside, filters.UUIDFilter):
    pass


class OrNone(filters.ChoiceFilter):
    """A code, or NONE: what a cut by this dimension has where there is no code."""

    def __init__(self, *, cuts: tuple[str, ...], **more: object) -> None:
        super().__init__(**more)
        self.cuts = cuts

    def filter(self, qs, value):  # type: ignore[no-untyped-def]
        if value == NONE:
            return qs.filter(**{self.field_name: ""}, cut__in=self.cuts)
        return super().filter(qs, value)


def cuts_by(dimension: str) -> tuple[str, ...]:
    return tuple(name for name, cut in CUTS.items() if dimension in cut.dimensions)


def _codes(choices: dict[str, str], none: str = "") -> list[tuple[str, str]]:
    return [(key, word) for key, word in choices.items() if key] + ([(NONE, none)] if none else [])


class BenchmarkSelection(Selection):
    release = ReleaseFilter(min_value=1, max_value=2**31 - 1, decimal_places=0, label="number; without: the newest")
    measure = filters.ChoiceFilter(choices=[(key, each.title) for key, each in MEASURES.items()], label="which measure")
    cut = filters.ChoiceFilter(choices=[(key, each.title) for key, each in CUTS.items()], label="by which dimensions")
    group = GroupFilter(label="id of a peer group; without: figures of the whole partnership")
    service_type = filters.ChoiceFilter(choices=_codes(codes.SERVICE_TYPES), label="kind of home")
    route = filters.ChoiceFilter(choices=_codes(codes.ROUTES), label="how it was bought")
    age = filters.ChoiceFilter(
        field_name="age_band", choices=[(band, band) for band in AGES], label="age, as homes of the kind are priced"
    )
    level = OrNone(choices=_codes(LEVELS, "no level"), cuts=cuts_by("level"), label="level of care or support")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    statement = filters.UUIDFilter(field_name="statement__uuid", label="id of the I statement")
    owner = filters.UUIDFilter(field_name="owner__uuid", label="id of the provider that owns a group of others")
    judgement = OrNone(
        choices=_codes(ALL_JUDGEMENTS, NOT_YET_INSPECTED.lower()), cuts=cuts_by("judgement"),
        label="the regulator's judgement of the provider",
    )  # fmt: skip

    class Meta:
        model = PublishedFigure
        fields: list[str] = []


# A filter -> the dimensions that it settles: a lot is a market, and so are a route and a kind of home together.
DIMENSIONS_ASKED = {
    "service_type": ("service", "market"), "route": ("route", "market"), "age": ("age",), "level": ("level",),
    "lot": ("market",), "provider": ("provider",), "judgement": ("judgement",),
    "statement": ("statement",), "owner": ("owner",),
}  # fmt: skip


class ChoiceAside(AskedAside, filters.ChoiceFilter):
    pass


class DataQualitySelection(Selection):
    """Says which figures are told, not of which rows."""

    resource = ChoiceAside(choices=list(RESOURCES.items()), label="of which kind of record")
    side = ChoiceAside(choices=list(SIDES.items()), label="which side of it")

    class Meta:
        model = Placement
        fields: list[str] = []
