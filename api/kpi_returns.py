"""KPI returns: what providers returned, with the newest check of each."""

from django.db.models import Case, Exists, F, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from commissioning.partnership.rules.codes import KPI_RATINGS
from providers.models import Establishment
from quality.filters_kpis import KpiReturnSelection
from quality.models import KpiCheck, KpiReturn
from quality.rules import codes

from .fields import Field, choice, day, instant, ref, seen, seen_ref, text
from .kpis import exact
from .resources import Part, Resource


def _of_kpi(column: str):
    """What the lot expects, or what one contract alone does."""
    return lambda: Coalesce(F(f"lot_kpi__kpi__{column}"), F(f"contract_kpi__kpi__{column}"))


def _newest(column: str):
    return lambda: Subquery(KpiCheck.objects.filter(kpi_return_id=OuterRef("pk")).order_by("-pk").values(column)[:1])


def _standing():
    """The newest check's outcome, where it is of the version that stands; else that it was sent again."""
    checks = KpiCheck.objects.filter(kpi_return_id=OuterRef("pk"))
    return Case(
        When(Exists(checks.filter(return_version=OuterRef("version"))), then=_newest("outcome")()),
        When(Exists(checks), then=Value("answered")),
        default=Value("returned"),
        output_field=TextField(),
    )


STANDING = {code: codes.KPI_STATES[code] for code in ("returned", "answered", *codes.KPI_CHECKS)}

KPI_RETURNS = Resource(
    name="kpi-returns",
    component="KpiReturn",
    says="What providers returned of the KPIs that their lots expect, or that were agreed with one contract alone, in "
    "frameworks in which your authority takes part, with the newest check by the lead. One sent again keeps its id and "
    "takes another version. A value is rounded towards the worse, so that it agrees with its rating.",
    model=KpiReturn,
    own_fields=(
        ref("framework", required=True),
        ref("lot", required=True),
        ref("provider", required=True),
        ref("award", says="the provider's place on the lot", required=True),
        Field("kpi", _of_kpi("uuid"), ref("kpi", says="public id of the definition's version",
                                               required=True).schema),
        text("kpi_code", _of_kpi("code"), required=True),
        Field("expected", "lot_kpi__uuid", ref("expected", says="public id of what the lot expects: see kpis; null: "
                                               "agreed with the contract alone").schema),
        Field("agreed_alone", "contract_kpi__uuid", ref("agreed_alone", says="public id of what was agreed with the "
                                                        "contract alone: see contracts of kpis").schema),
        seen_ref("establishment", Establishment, "establishment_id", "null: the provider as a whole"),
        text("urn", seen(Establishment, "establishment_id", "urn")),
        day("starts_on", "of the period", required=True),
        day("ends_before", "of the period", required=True),
        exact("numerator", null=True),
        exact("denominator", "0: there was nobody to count, and the rating is other", null=True),
        exact("value", "null: none can be worked out", null=True),
        choice("rating", KPI_RATINGS, required=True),
        text("narrative"),
        instant("sent_at", "when it first came", required=True),
        choice("state", STANDING, "how it stands", required=True, source=_standing),
        choice("checked", codes.KPI_CHECKS, "the newest check", source=_newest("outcome")),
        text("check_words", _newest("words")),
        Field("checked_at", _newest("checked_at"), instant("checked_at").schema),
    ),
    selection=KpiReturnSelection,
    parts=(Part(KpiCheck, "kpi_return_id"),),
)  # fmt: skip
