"""This room's addresses."""

from django.urls import include, path

from . import benchmarks, cost, data_quality, foi, groups, lots, overview, prices, releases, spot, together, workbook
from .national_urls import national_urls

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("data-quality/", data_quality.quality, name="data-quality"),
    path("lots/", lots.lot_list, name="lots"),
    path("lots/<uuid:uuid>/", lots.lot, name="lot"),
    path("lots/<uuid:uuid>/workbook.xlsx", lots.workbook, name="lot-workbook"),
    path("lots/<uuid:uuid>/rate-card.xlsx", lots.card, name="lot-card"),
    path("benchmarks/", benchmarks.benchmarks, name="benchmarks"),
    path("benchmarks/cost-of-care/", cost.cost, name="benchmarks-cost"),
    path("benchmarks/foi/", foi.foi, name="benchmarks-foi"),
    path("benchmarks/workbook.xlsx", workbook.workbook, name="benchmarks-workbook"),
    path("benchmarks/measures/<slug:key>/", benchmarks.measure, name="benchmarks-measure"),
    path("benchmarks/measures/<slug:key>/<slug:cut>/", benchmarks.cell, name="benchmarks-cell"),
    path("benchmarks/lots/<uuid:uuid>/together/", together.lot_together, name="lot-together"),
    path("benchmarks/prices/", prices.prices, name="benchmarks-prices"),
    path("benchmarks/prices/<uuid:provider>/<str:market>/", prices.decide, name="benchmarks-prices-decide"),
    path("benchmarks/spot/", spot.spot, name="benchmarks-spot"),
    path("benchmarks/groups/", groups.groups, name="peer-groups"),
    path("benchmarks/groups/new/", groups.group_new, name="peer-group-new"),
    path("benchmarks/groups/<uuid:uuid>/", groups.group, name="peer-group"),
    path("benchmarks/groups/<uuid:uuid>/change/", groups.group_change, name="peer-group-change"),
    path("benchmarks/groups/<uuid:uuid>/remove/", groups.group_remove, name="peer-group-remove"),
    path("benchmarks/releases/", releases.releases, name="releases"),
    path("benchmarks/releases/new/", releases.release_new, name="release-new"),
    path("benchmarks/releases/<uuid:uuid>/", releases.release, name="release"),
    path("benchmarks/releases/<uuid:uuid>/progress/", releases.release_progress, name="release-progress"),
    path("benchmarks/releases/<uuid:uuid>/approve/", releases.release_approve, name="release-approve"),
    path("benchmarks/releases/<uuid:uuid>/publish/", releases.release_publish, name="release-publish"),
    path("benchmarks/releases/<uuid:uuid>/again/", releases.release_again, name="release-again"),
    path("benchmarks/releases/<uuid:uuid>/correct/", releases.release_correct, name="release-correct"),
    path("benchmarks/releases/<uuid:uuid>/withdraw/", releases.release_withdraw, name="release-withdraw"),
    path("", include("commissioning.compare.pages.scorecard_urls")),
    *national_urls,
]
