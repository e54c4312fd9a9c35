"""Files of evidence whose row was not saved after all: a transaction takes its rows back, and no file. They go once
they are old enough for whoever restored a database to have noticed."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import Storage, storages

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority

from ..models import Evidence

BY = "service:evidence"
KEPT = timedelta(days=7)
OURS = re.compile(r"\d+/\d{4}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z]+")  # as keep_evidence names them


def sweep_evidence(*, now: datetime) -> int:
    """Deletes what no row names and nobody wrote this week; returns how many. Opens its own viewers. Of an authority
    with files and no row at all it deletes nothing: that is another installation's storage, or an empty database."""
    storage, swept = storages["evidence"], 0
    with acting_as(Viewer.of_service("evidence"), by=BY):
        authorities = list(Authority.objects.exclude(member_from=None).order_by("pk").values_list("pk", flat=True))
    for authority in authorities:
        with acting_as(Viewer.of_authority(authority), by=BY):
            known = set(Evidence.objects.filter(authority=authority).values_list("stored_as", flat=True))
        for name in _files(storage, str(authority)) if known else ():
            if name not in known and OURS.fullmatch(name) and storage.get_modified_time(name) < now - KEPT:
                storage.delete(name)
                swept += 1
    return swept


def _files(storage: Storage, folder: str) -> Iterator[str]:
    try:
        years, _ = storage.listdir(folder)
    except FileNotFoundError:
        return
    for year in years:
        for name in storage.listdir(f"{folder}/{year}")[1]:
            yield f"{folder}/{year}/{name}"
