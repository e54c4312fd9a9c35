"""This room's addresses."""

from django.urls import path

from . import inspections, judgements, visit_urls

urlpatterns = [
    path("inspections/", inspections.inspections, name="inspections"),
    path("providers/<uuid:uuid>/judgements/", judgements.judgements, name="provider-judgements"),
    *visit_urls.urlpatterns,
]
