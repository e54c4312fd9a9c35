"""Addresses of the watch on what the regulator says."""

from django.urls import path

from . import change, changes, exposure, hear, home_timeline

urlpatterns = [
    path("inspections/changes/", changes.changes, name="changes"),
    path("inspections/changes/<uuid:uuid>/", change.change, name="change"),
    path("inspections/changes/<uuid:uuid>/placements/<uuid:placement>/", change.decide, name="change-decide"),
    path("inspections/changes/<uuid:uuid>/withdraw/", change.withdraw_heard, name="change-withdraw"),
    path("inspections/changes/<uuid:uuid>/end/", change.end_heard, name="change-end"),
    path("inspections/exposure/", exposure.owners, name="exposure"),
    path("inspections/exposure/<uuid:uuid>/", exposure.owner, name="exposure-owner"),
    path("inspections/hear/", hear.hear, name="hear"),
    path("homes/<uuid:uuid>/heard-judgement/", hear.judgement, name="hear-judgement"),
    path("homes/<uuid:uuid>/heard-notice/", hear.notice, name="hear-notice"),
    path("homes/<uuid:uuid>/timeline/", home_timeline.home_timeline, name="timeline"),
]
