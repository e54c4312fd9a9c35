"""A child's homes: who provides them, how they were bought, who watches over them, and how they end."""

from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import FromFile, VisibleManager
from commissioning.partnership.rules.codes import LEVELS

from ..rules import codes
from .children import Child, DatedQuerySet, OwnFact, of_same_authority

ENDS_AFTER = Q(ends_before=None) | Q(ends_before__gt=F("starts_on"))


class PathwayPlace(OwnFact):
    """A place of the authority's own (a flat, a room) for young people on their way to independence."""

    name = models.TextField()
    service_type = models.TextField(choices=codes.SERVICE_TYPES, default="supported")
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], name="pathway_place_name_once"),
            models.CheckConstraint(condition=ENDS_AFTER, name="pathway_place_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class Placement(OwnFact, FromFile):
    """A child's home for a period. `route` is fixed at call-off by that day's facts (rules/routes.py) and never
    changes; `award` is the place on a lot that it was called off from. `sent` keeps, for each layout of a return, the
    words of columns that no fact here stands for, so that the return goes back out as it came in."""

    composite_keys = (
        of_same_authority("child_id", "contracts_child"),
        of_same_authority("pathway_place_id", "contracts_pathwayplace"),
        of_same_authority("referral_id", "contracts_referral"),
    )
    no_overlap = ((("authority_id", "child_id"), "one_home_at_a_time", "NOT respite"),)
    contributes = (
        "id", "authority_id", "child_id", "service_type", "level", "provider_id", "provider_name", "starts_on",
        "ends_before", "respite", "route", "award_id", "lot_id", "spot_reason",
    )  # fmt: skip

    number = models.IntegerField()
    reference = models.TextField(blank=True, default="")  # the authority's own number of this placement
    child = models.ForeignKey(Child, on_delete=models.PROTECT, db_constraint=False, related_name="placements")
    referral = models.ForeignKey(
        "Referral", on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="placements"
    )
    service_type = models.TextField(choices=codes.SERVICE_TYPES)
    level = models.TextField(choices=LEVELS, blank=True, default="")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="placements"
    )
    provider_name = models.TextField(blank=True, default="")  # as the file had it, where no provider is recorded
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="placements"
    )
    premises = models.ForeignKey(
        "providers.Premises", on_delete=models.PROTECT, null=True, blank=True, related_name="placements"
    )
    pathway_place = models.ForeignKey(
        PathwayPlace, on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="placements"
    )
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    planned_end_on = models.DateField(null=True, blank=True)
    respite = models.BooleanField(default=False)  # a short stay while the child's own home goes on
    solo = models.BooleanField(null=True, blank=True)

    called_off_on = models.DateField()
    route = models.TextField(choices=codes.ROUTES)
    award = models.ForeignKey(
        "providers.Award", on_delete=models.PROTECT, null=True, blank=True, related_name="placements"
    )
    lot = models.ForeignKey(
        "partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="placements"
    )
    spot_reason = models.TextField(choices=codes.SPOT_REASONS, blank=True, default="")
    registration = models.TextField(choices=codes.REGISTRATIONS, default="unknown")

    distance_miles = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    boundary = models.TextField(choices=codes.BOUNDARY, blank=True, default="")
    host_area = models.TextField(blank=True, default="")  # SCO, WAL, NIR, or the area's name where it is no authority
    host_authority = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    notice_given_on = models.DateField(null=True, blank=True)
    end_reason = models.TextField(choices=codes.END_REASONS, blank=True, default="")
    ended_by = models.TextField(choices=codes.ENDED_BY, blank=True, default="")
    ended_as_planned = models.BooleanField(null=True, blank=True)
    destination = models.TextField(choices=codes.DESTINATIONS, blank=True, default="")
    sent = models.JSONField(default=dict, blank=True)

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="placement_number_once"),
            models.UniqueConstraint(
                fields=["authority", "reference"], condition=~Q(reference=""), name="placement_reference_once"
            ),
            models.CheckConstraint(condition=ENDS_AFTER, name="placement_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(route__in=("spot", "in_house"), award=None, lot=None)
                | Q(route__in=("framework", "block", "dynamic_market"), award__isnull=False, lot__isnull=False),
                name="placement_route_has_its_award",
            ),
            models.CheckConstraint(
                condition=Q(route="spot") | Q(spot_reason=""), name="placement_spot_reason_is_of_spot"
            ),
        ]
        indexes = [models.Index(fields=["authority", "starts_on"], name="placement_by_start")]

    def __str__(self) -> str:
        return f"Placement {self.number}"


class OfPlacement(OwnFact):
    """A row about one placement."""

    composite_keys = (of_same_authority("placement_id", "contracts_placement"),)

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, db_constraint=False, related_name="%(class)ss")

    class Meta:
        abstract = True


class Oversight(OfPlacement, FromFile):
    """What is done where no regulator looks: an unregistered or unregulated home, or a deprivation of liberty order
    (its `starts_on` and `ends_before` are the order's)."""

    kind = models.TextField(choices=codes.OVERSIGHT_KINDS)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    why = models.TextField()
    approved_by = models.TextField()
    approved_on = models.DateField()
    court_reference = models.TextField(blank=True, default="")
    checks = models.TextField(blank=True, default="")
    visit_every_days = models.IntegerField(null=True, blank=True)
    last_visited_on = models.DateField(null=True, blank=True)
    regulator_told_on = models.DateField(null=True, blank=True)
    exit_plan = models.TextField(blank=True, default="")
    exit_by = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER, name="oversight_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(visit_every_days=None) | Q(visit_every_days__gte=1), name="oversight_visits_after_days"
            ),
        ]


class DistanceApproval(OfPlacement):
    """Who agreed that a child lives outside the authority or far away, why, and when the host authority was told."""

    reason = models.TextField(choices=codes.DISTANCE_REASONS)
    note = models.TextField(blank=True, default="")
    approved_by = models.TextField(blank=True, default="")
    approved_on = models.DateField(null=True, blank=True)
    host_told_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "placement"], name="distance_approval_once")]


class PlacementMeeting(OfPlacement):
    """A planning, stability or disruption meeting: when it was due and when it was held."""

    kind = models.TextField(choices=codes.MEETING_KINDS)
    due_on = models.DateField()
    held_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
