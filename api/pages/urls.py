"""Saved views and their exports, under a person's account."""

from django.urls import path

from . import saved_view_steps as steps
from . import saved_views as pages

urlpatterns = [
    path("accounts/views/", pages.saved_views, name="saved-views"),
    path("accounts/views/save/", steps.choose, name="saved-view-choose"),
    path("accounts/views/save/<str:resource>/", steps.save, name="saved-view-save"),
    path("accounts/views/files/<uuid:uuid>/", pages.file, name="saved-view-file"),
    path("accounts/views/<uuid:uuid>/", pages.saved_view, name="saved-view"),
    path("accounts/views/<uuid:uuid>/schedule/", steps.schedule, name="saved-view-schedule"),
    path("accounts/views/<uuid:uuid>/remove/", steps.remove, name="saved-view-remove"),
    path("accounts/views/exports/<uuid:uuid>/<str:what>/", steps.change, name="saved-view-export"),
]
