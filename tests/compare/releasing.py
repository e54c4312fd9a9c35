"""A release made for a test, by the production road: asked for, built as the role `release`, approved, published.

The test is a transaction test that asks for databases=["default", "owner", "release"]: that role finds what is
committed and nothing else. The helpers open the door themselves, so they are called with nobody acting.
"""

from datetime import UTC, date, datetime
from typing import Any

from commissioning.compare.actions.build_release import build_release
from commissioning.compare.actions.releases import (
    approve_release,
    publish_release,
    request_release,
    withdraw_release,
)
from commissioning.compare.models import Release
from commissioning.kernel.tenancy.viewer import acting_as
from tests.compare.market import AS_AT, TODAY

NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def ask(as_at: date = AS_AT, *, by: Any, corrects: Release | None = None, note: str = "") -> Release:
    with acting_as(by.viewer, by=by):
        return request_release(as_at=as_at, by=by, now=NOW, today=TODAY, corrects=corrects, note=note)


def build(as_at: date = AS_AT, *, by: Any, corrects: Release | None = None, note: str = "") -> Release:
    """Asked for by a person, and built: as it stands afterwards, built or failed."""
    release = ask(as_at, by=by, corrects=corrects, note=note)
    build_release(release_id=release.pk, now=lambda: NOW)
    return now_of(release, by)


def publish(release: Release, second: Any) -> Release:
    """Approved and published by somebody other than who asked for it."""
    with acting_as(second.viewer, by=second):
        approved = approve_release(release=release, by=second, now=NOW)
        return publish_release(release=approved, by=second, now=NOW)


def withdraw(release: Release, by: Any, why: str = "A borough's file was loaded twice") -> Release:
    with acting_as(by.viewer, by=by):
        return withdraw_release(release=release, by=by, now=NOW, why=why)


def now_of(release: Release, by: Any) -> Release:
    """The row as it is now."""
    with acting_as(by.viewer, by=by):
        return Release.objects.get(pk=release.pk)
