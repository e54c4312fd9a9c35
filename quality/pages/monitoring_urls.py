"""Addresses of the rota, of coverage, and of how often the authority monitors."""

from django.urls import path

from . import coverage, intervals, rota

urlpatterns = [
    path("visits/rota/", rota.rota_list, name="rota"),
    path("visits/coverage/", coverage.coverage_page, name="coverage"),
    path("visits/coverage/placements/", coverage.coverage_list, name="coverage-list"),
    path("visits/monitoring/", intervals.intervals, name="intervals"),
    path("visits/monitoring/<slug:service>/", intervals.interval_change, name="interval-change"),
]
