"""Addresses of recording a visit and of evidence."""

from django.urls import path

from . import evidence, record, record_device

urlpatterns = [
    path("visits/sw.js", record_device.service_worker, name="visits-worker"),
    path("visits/manifest.webmanifest", record_device.manifest, name="visits-manifest"),
    path("visits/kept/", record.kept, name="visits-kept"),
    path("visits/<uuid:uuid>/record/", record.record, name="visit-record"),
    path("visits/<uuid:uuid>/record/data", record.data, name="visit-record-data"),
    path("visits/<uuid:uuid>/record/sync", record.sync, name="visit-record-sync"),
    path("visits/<uuid:uuid>/record/file", record.file, name="visit-record-file"),
    path("evidence/<uuid:uuid>/", evidence.evidence, name="evidence"),
]
