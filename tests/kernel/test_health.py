"""Whether the process lives and can serve."""

from pathlib import Path

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

import quality.migrations
from commissioning.kernel.pages import health


def test_live_asks_no_database(client):
    """No database mark: a query here would fail the test."""
    assert client.get("/health/live").json() == {"status": "live"}


@pytest.mark.django_db(databases=["default", "owner"])
def test_ready_when_every_migration_is_applied(client, django_assert_num_queries):
    with django_assert_num_queries(2):  # the table is there; what it holds
        assert client.get("/health/ready").status_code == 200


QUALITY = sorted(f"quality.{path.stem}" for path in Path(quality.migrations.__path__[0]).glob("0*.py"))


@pytest.mark.django_db(databases=["default", "owner"])
def test_not_ready_while_a_migration_waits(client, monkeypatch):
    known = MigrationRecorder.applied_migrations

    def without_quality(self):
        return {key: value for key, value in known(self).items() if key[0] != "quality"}

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", without_quality)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["waiting"]) == (503, QUALITY)


@pytest.mark.django_db(databases=["default", "owner"])
def test_not_ready_without_a_database(client, monkeypatch):
    def refused():
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "unapplied", refused)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["why"]) == (503, "the database does not answer")
    assert connections["default"].is_usable()
