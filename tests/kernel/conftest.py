"""The canaries, committed once for the modules that need them from several connections, and swept up after."""

from datetime import date

import psycopg
import pytest
from django.db import connections

from commissioning.kernel import postgres
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.emptied import empty
from tests.kernel import canaries


@pytest.fixture(scope="module")
def flock(django_db_setup, django_db_blocker):
    from commissioning.partnership.actions.load_authorities import load_authorities
    from commissioning.partnership.models import Authority

    with django_db_blocker.unblock():
        empty()
        with acting_as(Viewer.of_service("canaries"), by="service:canaries"):
            load_authorities()
            Authority.objects.filter(slug__in=canaries.AUTHORITIES).update(member_from=date(2012, 4, 1))
        yield canaries.build()
        empty()


@pytest.fixture
def administrator(flock, django_db_blocker):
    """A superuser's session on the test database, whose one transaction is never committed: in it a test becomes any
    role, breaks any guard, and leaves nothing behind."""
    with django_db_blocker.unblock():
        name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(postgres.url("postgres"), dbname=name, options="-c lock_timeout=5s") as session:
        yield session
        session.rollback()
