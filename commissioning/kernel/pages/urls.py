"""This room's addresses."""

from django.urls import path

from . import audit, health, import_run, import_take_back, imports

urlpatterns = [
    path("audit/", audit.audit, name="audit"),
    path("audit/<slug:table>/<uuid:uuid>/", audit.record, name="audit-record"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("imports/", imports.imports, name="imports"),
    path("imports/send/", imports.send, name="import-send"),
    path("imports/<uuid:uuid>/", import_run.run, name="import"),
    path("imports/<uuid:uuid>/progress/", import_run.progress, name="import-progress"),
    path("imports/<uuid:uuid>/rejects.xlsx", import_run.rejects, name="import-rejects"),
    path("imports/<uuid:uuid>/load/", import_run.load, name="import-load"),
    path("imports/<uuid:uuid>/again/", import_run.again, name="import-again"),
    path("imports/<uuid:uuid>/take-back/", import_take_back.take_back_page, name="import-take-back"),
]
