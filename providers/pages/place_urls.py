"""Addresses of a lot's places."""

from django.urls import path

from . import places

urlpatterns = [
    path("lots/<uuid:uuid>/places/", places.places, name="places"),
    path("lots/<uuid:uuid>/places/new/", places.place_new, name="place-new"),
    path("lots/<uuid:uuid>/places/<uuid:award>/end/", places.place_end, name="place-end"),
]
