"""This room's addresses."""

from django.urls import path

from . import lots, overview
from .national_urls import national_urls

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("lots/", lots.lot_list, name="lots"),
    path("lots/<uuid:uuid>/", lots.lot, name="lot"),
    path("lots/<uuid:uuid>/workbook.xlsx", lots.workbook, name="lot-workbook"),
    path("lots/<uuid:uuid>/rate-card.xlsx", lots.card, name="lot-card"),
    *national_urls,
]
