"""This room's addresses."""

from django.urls import path

from . import audit, health

urlpatterns = [
    path("audit/", audit.audit, name="audit"),
    path("audit/<slug:table>/<uuid:uuid>/", audit.record, name="audit-record"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
