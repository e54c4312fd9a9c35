"""Addresses of where nobody looks, distance, and moving."""

from django.urls import path

from . import distance, meetings, moving, oversight, oversight_change, own_places

urlpatterns = [
    path("placements/oversight/", oversight.oversight_list, name="oversight"),
    path("placements/oversight/<uuid:uuid>/", oversight_change.oversight_change, name="oversight-change"),
    path("placements/oversight/<uuid:uuid>/end/", oversight_change.oversight_end, name="oversight-end"),
    path("placements/oversight/<uuid:uuid>/visit/", oversight_change.oversight_visit, name="oversight-visit"),
    path(
        "placements/oversight/<uuid:uuid>/regulator/", oversight_change.oversight_regulator, name="oversight-regulator"
    ),
    path("placements/<uuid:uuid>/oversight/new/", oversight_change.oversight_new, name="oversight-new"),
    path("placements/distance/", distance.distance_list, name="distances"),
    path("placements/<uuid:uuid>/distance/", distance.distance, name="distance"),
    path("placements/moving/", moving.moving_list, name="moving"),
    path("placements/moving/meetings/", moving.meeting_list, name="meetings"),
    path("placements/moving/ended/", moving.ending_list, name="endings"),
    path("placements/<uuid:uuid>/move/", moving.move_plan, name="move-plan"),
    path("placements/<uuid:uuid>/meetings/new/", meetings.meeting_new, name="meeting-new"),
    path("placements/<uuid:uuid>/meetings/<uuid:meeting>/", meetings.meeting_held, name="meeting-held"),
    path("placements/own-places/", own_places.own_place_list, name="own-places"),
    path("placements/own-places/new/", own_places.own_place_new, name="own-place-new"),
    path("placements/own-places/<uuid:uuid>/end/", own_places.own_place_end, name="own-place-end"),
]
