"""What may be asked of referrals, placements, agreements and cost lines, by pages and API alike."""

from datetime import date, timedelta
from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from commissioning.kernel.periods import Period
from commissioning.partnership.filters import ISO_DAY, Selection, TrueOrFalse
from commissioning.partnership.rules.codes import LEVELS

from .measures.placement_rows import in_state, of_age, with_extras, with_last_night
from .models import AgreementVersion, CostLine, FundingSplit, Placement, Referral
from .rules import codes
from .rules.ages import BANDS

NOT_RECORDED = "none"
ONE_DAY = timedelta(days=1)
LEVEL_CHOICES = {**{key: label for key, label in LEVELS.items() if key}, NOT_RECORDED: "Not recorded"}
NOW = {"open": "open today", "ended": "ended", "coming": "not started yet"}
EXTRAS = {"yes": "with additional services", "no": "without"}
BOUNDARIES = {"out": "outside the authority", "in": "inside the authority", NOT_RECORDED: "not recorded"}
AGE_BANDS = {f"{low}-{high}": f"{low} to {high}" for low, high in BANDS}


def _choices(named: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, label) for key, label in named.items() if key]


class ReferralSelection(Selection):
    child = filters.UUIDFilter(field_name="child__uuid", label="id of the child")
    service_type = filters.ChoiceFilter(choices=_choices(codes.SERVICE_TYPES), label="service sought")
    urgency = filters.ChoiceFilter(choices=_choices(codes.URGENCIES), label="planned or emergency")
    outcome = filters.ChoiceFilter(choices=_choices(codes.REFERRAL_OUTCOMES), label="how the search ended")
    open = TrueOrFalse(method="by_open", label="true: still open; false: closed")
    needed_from = filters.DateFilter(
        field_name="needed_by", lookup_expr="gte", input_formats=ISO_DAY, label="needed by this day or later"
    )
    needed_until = filters.DateFilter(
        field_name="needed_by", lookup_expr="lte", input_formats=ISO_DAY, label="needed by this day or earlier"
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def by_open(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.filter(outcome="") if value else rows.exclude(outcome="")


class PlacementSelection(Selection):
    child = filters.UUIDFilter(field_name="child__uuid", label="id of the child")
    referral = filters.UUIDFilter(field_name="referral__uuid", label="id of the referral it came from")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot it was called off from")
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the registration")
    service_type = filters.ChoiceFilter(choices=_choices(codes.SERVICE_TYPES), label="kind of home")
    route = filters.ChoiceFilter(choices=_choices(codes.ROUTES), label="how it was bought")
    spot_reason = filters.ChoiceFilter(choices=_choices(codes.SPOT_REASONS), label="why it was bought spot")
    registration = filters.ChoiceFilter(choices=_choices(codes.REGISTRATIONS), label="registration state of the home")
    level = filters.ChoiceFilter(choices=_choices(LEVELS), label="level of care or support")
    reference = filters.CharFilter(lookup_expr="exact", label="the authority's own number of the placement")
    open_on = filters.DateFilter(method="on_day", input_formats=ISO_DAY, label="with a night on this day")
    starts_from = filters.DateFilter(
        field_name="starts_on", lookup_expr="gte", input_formats=ISO_DAY, label="started on this day or later"
    )
    starts_until = filters.DateFilter(
        field_name="starts_on", lookup_expr="lte", input_formats=ISO_DAY, label="started on this day or earlier"
    )

    class Meta:
        model = Placement
        fields: list[str] = []

    def on_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.on(day)


class AgreementSelection(Selection):
    placement = filters.UUIDFilter(field_name="placement__uuid", label="id of the placement")
    number = filters.NumberFilter(lookup_expr="exact", min_value=1, decimal_places=0, label="number of the version")
    agreed_from = filters.DateFilter(
        field_name="agreed_on", lookup_expr="gte", input_formats=ISO_DAY, label="agreed on this day or later"
    )
    agreed_until = filters.DateFilter(
        field_name="agreed_on", lookup_expr="lte", input_formats=ISO_DAY, label="agreed on this day or earlier"
    )

    class Meta:
        model = AgreementVersion
        fields: list[str] = []


class CostLineSelection(Selection):
    placement = filters.UUIDFilter(field_name="placement__uuid", label="id of the placement")
    category = filters.ChoiceFilter(
        choices=_choices(codes.COST_CATEGORIES), label="core, additional service or discount"
    )
    service = filters.ChoiceFilter(choices=_choices(codes.SERVICES), label="kind of additional service")
    in_force_on = filters.DateFilter(method="on_day", input_formats=ISO_DAY, label="running on this day")
    review_until = filters.DateFilter(
        field_name="review_on", lookup_expr="lte", input_formats=ISO_DAY, label="to be reviewed by this day"
    )

    class Meta:
        model = CostLine
        fields: list[str] = []

    def on_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.on(day)


class FundingSplitSelection(Selection):
    placement = filters.UUIDFilter(field_name="placement__uuid", label="id of the placement")
    cost_line = filters.UUIDFilter(field_name="cost_line__uuid", label="id of the cost line")
    funder = filters.ChoiceFilter(choices=_choices(codes.FUNDERS), label="who pays")

    class Meta:
        model = FundingSplit
        fields: list[str] = []


class PlacementSearch(filters.FilterSet):
    """For the page: also by what changes without the row changing. `day` is the day that is asked about; with a
    month, placements with nights in it, judged by its last day."""

    service = filters.ChoiceFilter(field_name="service_type", choices=_choices(codes.SERVICE_TYPES))
    route = filters.ChoiceFilter(choices=_choices(codes.ROUTES))
    reason = filters.ChoiceFilter(field_name="spot_reason", choices=_choices(codes.SPOT_REASONS))
    registration = filters.ChoiceFilter(choices=_choices(codes.REGISTRATIONS))
    level = filters.ChoiceFilter(choices=list(LEVEL_CHOICES.items()), method="by_level")
    provider = filters.UUIDFilter(field_name="provider__uuid")
    lot = filters.UUIDFilter(field_name="lot__uuid")
    child = filters.NumberFilter(field_name="child__number", min_value=1, decimal_places=0)
    now = filters.ChoiceFilter(choices=list(NOW.items()), method="by_now")
    state = filters.ChoiceFilter(choices=list(codes.LATER_STATES.items()), method="by_state")
    age = filters.ChoiceFilter(choices=list(AGE_BANDS.items()), method="by_age")
    boundary = filters.ChoiceFilter(choices=list(BOUNDARIES.items()), method="by_boundary")
    extras = filters.ChoiceFilter(choices=list(EXTRAS.items()), method="by_extras")

    class Meta:
        model = Placement
        fields: list[str] = []

    def __init__(self, *args: Any, today: date, month: Period | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.window = month.bounds if month else None
        self.day = self.window[1] - ONE_DAY if self.window else today

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.window:
            queryset = queryset.overlapping(*self.window)
        return super().filter_queryset(with_last_night(queryset, self.day))

    def by_now(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "open":
            return rows.on(self.today)
        return rows.filter(ends_before__lte=self.today) if value == "ended" else rows.filter(starts_on__gt=self.today)

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return in_state(rows, value, self.window)

    def by_level(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(level="" if value == NOT_RECORDED else value)

    def by_age(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        low, _, high = value.partition("-")
        return of_age(rows, int(low), int(high), self.day)

    def by_boundary(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(boundary="" if value == NOT_RECORDED else value)

    def by_extras(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return with_extras(rows, value == "yes", self.day)
