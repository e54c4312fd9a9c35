"""Which room answers which address. By strings only."""

from django.urls import include, path

urlpatterns = [
    path("", include("commissioning.compare.pages.urls")),
    path("", include("commissioning.kernel.pages.urls")),
    path("", include("commissioning.partnership.pages.urls")),
    path("", include("providers.pages.place_urls")),
    path("", include("providers.pages.urls")),
    path("", include("contracts.pages.urls")),
    path("", include("commissioning.need.pages.urls")),
    path("", include("quality.pages.urls")),
    path("", include("api.pages.urls")),
    path("api/", include("api.urls")),
]
