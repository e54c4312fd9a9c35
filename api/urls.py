"""The API's addresses: a list and one row for each resource, the schema, and its documentation."""

from django.urls import path, re_path

from .authorities import AUTHORITIES
from .awards import AWARDS
from .docs import documentation, schema
from .establishments import ESTABLISHMENTS
from .frameworks import FRAMEWORKS
from .imports import IMPORTS
from .inspections import INSPECTIONS
from .lots import LOTS
from .premises import PREMISES
from .price_lines import PRICE_LINES
from .problems import nothing_here
from .providers import PROVIDERS
from .rates import RATES
from .resources import Resource
from .schema import described
from .views import ListView, OneView

RESOURCES: tuple[Resource, ...] = (
    AUTHORITIES, FRAMEWORKS, LOTS, PRICE_LINES, PROVIDERS, ESTABLISHMENTS, PREMISES, AWARDS, RATES, INSPECTIONS,
    IMPORTS,
)  # fmt: skip


def _addresses(resource: Resource) -> list:
    """The resource's two views, each marked with its name."""
    name = resource.name
    many, one = (
        described(type(f"{resource.component}{base.__name__}", (base,), {"resource": name, "declared": resource}))
        for base in (ListView, OneView)
    )
    return [
        path(f"v1/{name}/", many.as_view(), name=f"api-{name}"),
        path(f"v1/{name}/<str:id>/", one.as_view(), name=f"api-{name}-one"),
    ]


urlpatterns = [
    *(address for resource in RESOURCES for address in _addresses(resource)),
    path("v1/schema/", schema, name="api-schema"),
    path("v1/docs/", documentation, name="api-docs"),
    re_path(r"^(?P<rest>.*)$", nothing_here, name="api-nothing"),
]
