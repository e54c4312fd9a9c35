"""KPIs: what is measured, and what each lot expects of it."""

from django.db.models import F, OuterRef, TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from commissioning.partnership.models import Kpi, LotKpi
from commissioning.partnership.rules import codes
from quality.filters_kpis import KpiSelection
from quality.models import ContractKpi

from .fields import Field, choice, codes_of, day, described_as, parts, ref, text, whole
from .resources import Part, Resource


def exact(name: str, says: str = "", *, null: bool = False) -> Field:
    """A figure as a string with two decimal places: never a float."""
    schema = serializers.DecimalField(max_digits=14, decimal_places=2, help_text=says, allow_null=null)
    return Field(name, lambda: Cast(F(name), TextField()), schema)


EXPECTED: tuple[Field, ...] = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id of what the lot expects")),
    ref("lot", required=True),
    ref("framework", required=True),
    exact("target", "from which value on a figure is good; where low is good, up to which"),
    exact("approaching", "the same for approaching"),
    exact("improvement", "the same for improvement; what is worse is inadequate"),
    whole("due_days", says="after the period's last day", required=True),
    day("starts_on", required=True),
    day("ends_before", "null: still expected"),
)
OF_CONTRACTS: tuple[Field, ...] = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id of the contract's own target")),
    ref("award", says="the provider's place on the lot", required=True),
    ref("provider", required=True),
    *(each for each in EXPECTED if each.name not in ("id", "due_days")),
    whole(
        "due_days",
        says="after the period's last day, where the lot does not expect the KPI and this contract alone "
        "returns it; null: the target takes the place of the lot's",
    ),
)
NUMBERS = {"type": "array", "items": {"type": "integer"}, "description": "I statements that it serves, by number"}

KPIS = Resource(
    name="kpis",
    component="Kpi",
    says="Definitions of key performance indicators, each in versions that never change, with what each lot expects of "
    "it. The ratings are the words of the Procurement Act 2023, section 52, from whose duty frameworks and light-touch "
    "contracts are exempt.",
    model=Kpi,
    own_fields=(
        text("code", says="the same for every version", required=True),
        whole("number", says="of the version", required=True),
        text("name", required=True),
        text("why"),
        text("how"),
        text("numerator", says="what is counted", required=True),
        text("denominator", says="out of what; null: one figure, of nothing"),
        choice("unit", codes.KPI_UNITS, required=True),
        choice("good", codes.KPI_GOOD, required=True),
        choice("formula", codes.KPI_FORMULAS, "worked out by the platform from each authority's own records; null: "
               "returned by providers"),
        choice("period", codes.KPI_PERIODS, required=True),
        codes_of("service_types", codes.SERVICE_TYPES, "empty: every kind of lot"),
        Field("statements", "statements", described_as(NUMBERS, serializers.ListField)()),
        text("source", says="where the definition is from"),
        day("retired_on", "no lot can begin to expect it since"),
        parts(
            "expected",
            lambda: LotKpi.objects.filter(kpi_id=OuterRef("pk")).order_by("lot_id", "starts_on", "id"),
            EXPECTED,
            "what each lot expects",
            component="KpiExpected",
        ),
        parts(
            "contracts",
            lambda: ContractKpi.objects.filter(kpi_id=OuterRef("pk")).order_by("award_id", "starts_on", "id"),
            OF_CONTRACTS,
            "contracts with a target of their own, which takes the lot's place, or with which alone it is agreed",
            component="KpiOfContract",
        ),
    ),
    selection=KpiSelection,
    parts=(Part(LotKpi, "kpi_id"), Part(ContractKpi, "kpi_id")),
)  # fmt: skip
