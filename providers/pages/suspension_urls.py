"""Addresses of suspensions."""

from django.urls import path

from . import suspension_change, suspensions

urlpatterns = [
    path("providers/suspensions/", suspensions.suspension_list, name="suspensions"),
    path("providers/suspensions/new/", suspension_change.suspension_new, name="suspension-new"),
    path("providers/suspensions/<uuid:uuid>/", suspensions.suspension, name="suspension"),
    path("providers/suspensions/<uuid:uuid>/extend/", suspension_change.suspension_extend, name="suspension-extend"),
    path("providers/suspensions/<uuid:uuid>/lift/", suspension_change.suspension_lift, name="suspension-lift"),
    path("providers/suspensions/<uuid:uuid>/decide/", suspension_change.suspension_decide, name="suspension-decide"),
]
