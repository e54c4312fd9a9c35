"""Addresses of children and placements."""

from django.urls import path

from .beside import provider_placements
from .children import child, children
from .children_change import child_change, child_join, child_split, reference_new, sibling_new, status_end, status_new
from .placement import placement, placement_history
from .placement_change import placement_change, placement_end
from .placement_new import placement_new
from .placement_premises import placements_without_premises
from .placements import placement_list

urlpatterns = [
    path("providers/<uuid:uuid>/placements/", provider_placements, name="provider-placements"),
    path("placements/", placement_list, name="placements"),
    path("placements/new/", placement_new, name="placement-new"),
    path("placements/children/", children, name="children"),
    path("placements/children/<uuid:uuid>/", child, name="child"),
    path("placements/children/<uuid:uuid>/change/", child_change, name="child-change"),
    path("placements/children/<uuid:uuid>/references/new/", reference_new, name="child-reference-new"),
    path("placements/children/<uuid:uuid>/statuses/new/", status_new, name="child-status-new"),
    path("placements/children/<uuid:uuid>/statuses/<uuid:status>/end/", status_end, name="child-status-end"),
    path("placements/children/<uuid:uuid>/siblings/new/", sibling_new, name="child-sibling-new"),
    path("placements/children/<uuid:uuid>/join/", child_join, name="child-join"),
    path("placements/children/<uuid:uuid>/split/", child_split, name="child-split"),
    path("placements/premises/", placements_without_premises, name="placements-premises"),
    path("placements/<uuid:uuid>/", placement, name="placement"),
    path("placements/<uuid:uuid>/change/", placement_change, name="placement-change"),
    path("placements/<uuid:uuid>/end/", placement_end, name="placement-end"),
    path("placements/<uuid:uuid>/history/", placement_history, name="placement-history"),
]
