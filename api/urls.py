"""The API's addresses: a list and one row for each resource, the schema, and its documentation."""

from typing import Any

from django.urls import path, re_path

from .actions import ACTIONS
from .agreements import AGREEMENTS
from .authorities import AUTHORITIES
from .awards import AWARDS
from .benchmarks import BENCHMARKS, BenchmarksCount, BenchmarksView
from .changes import CHANGES, ChangesRow
from .cost_lines import COST_LINES
from .counts import CountView
from .data_quality import DATA_QUALITY, DataQualityView
from .docs import documentation, schema
from .establishments import ESTABLISHMENTS
from .frameworks import FRAMEWORKS
from .funding_splits import FUNDING_SPLITS
from .guides import GUIDES
from .imports import IMPORTS
from .inspections import INSPECTIONS
from .kpi_returns import KPI_RETURNS
from .kpis import KPIS
from .lots import LOTS
from .notifiable_events import NOTIFIABLE_EVENTS
from .ocds import OCDS, OcdsView
from .outcomes import OUTCOMES, OutcomesView
from .placements import PLACEMENTS
from .premises import PREMISES
from .price_lines import PRICE_LINES
from .problems import nothing_here
from .providers import PROVIDERS
from .rates import RATES
from .referrals import REFERRALS
from .releases import RELEASES, STEPS, ReleasesView
from .resources import Declared, Resource
from .rows import TakesRows
from .schema import described
from .spend import SPEND, SpendView
from .suspensions import SUSPENSIONS
from .views import ListView, OneView, ResourceView
from .visits import VISITS

RESOURCES: tuple[Declared, ...] = (
    AUTHORITIES, FRAMEWORKS, LOTS, PRICE_LINES, PROVIDERS, ESTABLISHMENTS, PREMISES, AWARDS, RATES, REFERRALS,
    PLACEMENTS, AGREEMENTS, COST_LINES, FUNDING_SPLITS, SPEND, RELEASES, BENCHMARKS, INSPECTIONS, VISITS, ACTIONS,
    SUSPENSIONS, NOTIFIABLE_EVENTS, IMPORTS,
    KPIS, KPI_RETURNS, OUTCOMES, OCDS, DATA_QUALITY,
)  # fmt: skip
# Lists that are not rows by their filters alone.
OF_THEIR_OWN: dict[str, type[ResourceView]] = {
    OUTCOMES.name: OutcomesView, OCDS.name: OcdsView, DATA_QUALITY.name: DataQualityView,
    SPEND.name: SpendView, RELEASES.name: ReleasesView, BENCHMARKS.name: BenchmarksView,
}  # fmt: skip

COUNTED: dict[str, type[CountView]] = {BENCHMARKS.name: BenchmarksCount}


def _addresses(resource: Declared) -> list:
    """The resource's views, each marked with its name: a list and, for rows of a model, one row."""
    name = resource.name
    if not isinstance(resource, Resource):
        return [path(f"v1/{name}/", _view(resource, OF_THEIR_OWN[name]).as_view(), name=f"api-{name}")]
    return [
        path(f"v1/{name}/", _view(resource, OF_THEIR_OWN.get(name, ListView)).as_view(), name=f"api-{name}"),
        path(f"v1/{name}/count/", _view(resource, COUNTED.get(name, CountView)).as_view(), name=f"api-{name}-count"),
        path(f"v1/{name}/<str:id>/", _view(resource, OneView).as_view(), name=f"api-{name}-one"),
    ]


def _view(resource: Declared, base: type[ResourceView]) -> type[ResourceView]:
    marked: dict[str, Any] = {"resource": resource.name, "declared": resource}
    bases: tuple[type[ResourceView], ...] = (base,)
    if resource.takes is not None and base not in (OneView, CountView):
        bases = (TakesRows, base)
    elif resource.name in CHANGES and base is OneView:
        bases, marked = (ChangesRow,), marked | {"change": CHANGES[resource.name]}
    return described(type(f"{resource.component}{base.__name__}", bases, marked))


urlpatterns = [
    *(address for resource in RESOURCES for address in _addresses(resource)),
    *(
        path(f"v1/releases/<str:id>/{step.name}/", _view(RELEASES, step).as_view(), name=f"api-release-{step.name}")
        for step in STEPS
    ),
    path("v1/schema/", schema, name="api-schema"),
    path("v1/docs/", documentation, name="api-docs"),
    *GUIDES,
    re_path(r"^(?P<rest>.*)$", nothing_here, name="api-nothing"),
]
