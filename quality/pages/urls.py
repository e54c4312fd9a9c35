"""This room's addresses."""

from django.urls import include, path

from . import inspections, judgements, monitoring_urls, visit_urls

urlpatterns = [
    *monitoring_urls.urlpatterns,
    path("", include("quality.pages.concern_urls")),
    path("", include("quality.pages.record_urls")),
    path("inspections/", inspections.inspections, name="inspections"),
    path("providers/<uuid:uuid>/judgements/", judgements.judgements, name="provider-judgements"),
    path("", include("quality.pages.watch_urls")),
    path("", include("quality.pages.meeting_urls")),
    path("", include("quality.pages.kpi_urls")),
    path("", include("quality.pages.voice_urls")),
    path("", include("quality.pages.asking_urls")),
    *visit_urls.urlpatterns,
]
