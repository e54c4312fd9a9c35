"""Isolation at the floor: the door, the catalogue, the raw probe, and each layer alone."""

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from commissioning.kernel.tenancy.policies import every_model
from commissioning.kernel.tenancy.viewer import NoViewer, Viewer, acting_as
from commissioning.kernel.tenancy.visibility import visibility_of
from commissioning.partnership.models import Authority, Framework

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_runs_as_web():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
        assert cursor.fetchone() == ("web", False)


def test_no_viewer_raises():
    with pytest.raises(NoViewer):
        list(Framework.objects.all())


def test_history_follows(southwark):
    with acting_as(Viewer.of_authority(southwark.pk), by="service:tests"):
        Framework.objects.create(reference="x", name="X", kind="framework", lead_authority=southwark, starts_on="2026-04-01")
        Framework.objects.update(name="Y")
        with connection.cursor() as cursor:
            cursor.execute("SELECT operation, before->>'name', after->>'name', actor FROM audit.partnership_framework")
            assert cursor.fetchall() == [("insert", None, "X", "service:tests"), ("update", "X", "Y", "service:tests")]
