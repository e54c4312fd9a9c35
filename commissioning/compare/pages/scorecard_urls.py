"""Addresses of scorecards, and of what is made from them."""

from django.urls import path

from . import meeting_prepare, scorecards, statement_links

urlpatterns = [
    path("providers/<uuid:uuid>/scorecard/", scorecards.provider_card, name="scorecard"),
    path("providers/<uuid:uuid>/scorecard/group/", scorecards.group_card, name="scorecard-group"),
    path("outcomes/statements/<int:number>/links/", statement_links.statement_links, name="statement-links"),
    path("lots/<uuid:uuid>/scorecard/", scorecards.lot_card, name="scorecard-lot"),
    path("providers/contract-meetings/<uuid:uuid>/prepare/", meeting_prepare.prepare, name="contract-meeting-prepare"),
]
