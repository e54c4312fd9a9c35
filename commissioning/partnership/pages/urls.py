"""This room's addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("commissioning.partnership.pages.people_urls")),
]
