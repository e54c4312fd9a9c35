"""Placements: children's homes, how each was bought, who watches over it, and how it ended."""

from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from commissioning.partnership.models import Framework, Lot
from commissioning.partnership.rules.codes import LEVELS
from contracts.filters import PlacementSelection
from contracts.models import CareStatus, Child, DistanceApproval, Oversight, PathwayPlace, Placement, PlacementMeeting
from contracts.rules import codes
from providers.models import Award, Provider

from .children import child
from .fields import Field, choice, day, money, ons_code, parts, ref, text, whole, yesno
from .resources import Part, Resource, Takes, names, ons_codes

OVERSIGHT = (
    choice("kind", codes.OVERSIGHT_KINDS, required=True),
    day("starts_on", required=True),
    day("ends_before", "null: until further notice"),
    day("approved_on", required=True),
    whole("visit_every_days"),
    day("last_visited_on"),
    day("regulator_told_on"),
    day("exit_by"),
)
DISTANCE = (
    choice("reason", codes.DISTANCE_REASONS),
    day("approved_on"),
    day("host_told_on", "when the host authority was told"),
)
MEETINGS = (
    choice("kind", codes.MEETING_KINDS, required=True),
    day("due_on", required=True),
    day("held_on"),
)


def _care_status() -> Subquery:
    """On the first day of the placement."""
    begun = CareStatus.objects.filter(child_id=OuterRef("child_id"), starts_on__lte=OuterRef("starts_on"))
    running = begun.filter(Q(ends_before=None) | Q(ends_before__gt=OuterRef("starts_on")))
    return Subquery(running.order_by().values("status")[:1], output_field=TextField())


def _provider_name() -> Any:
    return Coalesce(F("provider__name"), NullIf(F("provider_name"), Value("")))


def _parts(name: str, rows: Any, fields: tuple[Field, ...], says: str, order: str, component: str) -> Field:
    def of_placement() -> QuerySet:
        return rows.objects.filter(placement_id=OuterRef("pk")).order_by(order, "id")

    return parts(name, of_placement, fields, says, component=component)


PLACEMENTS = Resource(
    name="placements",
    component="Placement",
    says="Your authority's placements: the child by number, the home, how it was bought, how far away it is, what "
    "oversight it has and how it ended. The route is a fact of the day of call-off and never changes. The night of "
    "starts_on counts and that of ends_before does not.",
    model=Placement,
    own_fields=(
        whole("number", required=True),
        text("reference", says="your authority's own number of the placement"),
        *child("age_at_start", "starts_on"),
        choice("care_status", codes.CARE_STATUSES, "on the first day", source=_care_status),
        ref("referral", says="the search it came from"),
        choice("service_type", codes.SERVICE_TYPES, required=True),
        choice("level", LEVELS, "level of care or support"),
        ref("provider"),
        text("provider_name", _provider_name, "as your file has it where no provider is recorded"),
        ref("establishment"),
        text("urn", "establishment__urn", "the regulator's number of the home"),
        ref("premises"),
        text("own_place", "pathway_place__name", "a place of the authority's own"),
        day("starts_on", required=True),
        day("ends_before", "the day the child left; null: the home goes on"),
        day("planned_end_on"),
        yesno("respite", "a short stay while the child's own home goes on"),
        yesno("solo", "the child lives there alone"),
        day("called_off_on", required=True),
        choice("route", codes.ROUTES, "how it was bought", required=True),
        ref("award", says="the place on a lot that it was called off from"),
        Field("award_ends_before", "award__ends_before", day("ends_before", "the place on the lot ended").schema),
        ref("lot"),
        text("lot_number", "lot__number"),
        ref("framework", "lot__framework"),
        text("framework_reference", "lot__framework__reference"),
        choice("spot_reason", codes.SPOT_REASONS, "why it was bought outside the frameworks"),
        choice("registration", codes.REGISTRATIONS, required=True),
        money("distance_miles", "from the child's home, by the DfE's formula", places=1, null=True),
        choice("boundary", codes.BOUNDARY, "inside the authority or outside"),
        ons_code("host_authority_code", "host_authority_id", "in whose area the home is"),
        text("host_area", says="where that is no English authority: SCO, WAL, NIR or a name"),
        day("notice_given_on"),
        choice("end_reason", codes.END_REASONS, "as in the SSDA903"),
        choice("ended_by", codes.ENDED_BY),
        yesno("ended_as_planned"),
        choice("destination", codes.DESTINATIONS, "where the child went"),
        _parts("oversight", Oversight, OVERSIGHT, "where no regulator looks", "starts_on", "Oversight"),
        _parts("distance_approvals", DistanceApproval, DISTANCE, "at most one", "id", "DistanceApproval"),
        _parts("meetings", PlacementMeeting, MEETINGS, "planning, stability and disruption", "due_on", "Meeting"),
    ),
    selection=PlacementSelection,
    parts=(
        Part(Oversight, "placement_id"),
        Part(DistanceApproval, "placement_id"),
        Part(PlacementMeeting, "placement_id"),
        Part(Child, "id", of="child_id"),
        Part(CareStatus, "child_id", of="child_id"),
        Part(Award, "id", of="award_id"),
        names(Provider, "provider_id", "name"),
        names(Lot, "lot_id", "number"),
        names(Framework, "lot__framework_id", "reference"),
        names(PathwayPlace, "pathway_place_id", "name"),
        ons_codes("host_authority_id"),
    ),
    takes=Takes(
        source="placements", tables=("placements", "cost_lines", "oversight", "meetings"), scope="placements:write"
    ),
)
