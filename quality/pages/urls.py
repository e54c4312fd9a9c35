"""This room's addresses."""

from django.urls import include, path

from . import inspections, judgements

urlpatterns = [
    path("", include("quality.pages.record_urls")),
    path("inspections/", inspections.inspections, name="inspections"),
    path("providers/<uuid:uuid>/judgements/", judgements.judgements, name="provider-judgements"),
]
