"""The tests' cast. They run as the role web; what must be there for all of them is loaded once, as a service.

Southwark, Lewisham and Greenwich are members. Southwark leads a framework that all three take part in; Lewisham leads
one with Greenwich, in which Southwark has no part. Alder and Birch are providers, invented.
"""

from datetime import date

import pytest
from django.db import connections
from django.test import Client, TransactionTestCase

from commissioning.kernel.tenancy.viewer import Viewer, acting_as, someone_is_acting
from tests.cast import build_cast
from tests.emptied import disconnect, empty
from tests.resident import authorities, resident
from tests.world import build_world

SERVICE = Viewer.of_service("tests")
TODAY = date(2026, 4, 20)


@pytest.fixture(autouse=True)
def _both_logins(request):
    """Marks every database test for both logins: a transaction test flushes through owner. A test of releases asks
    for the role `release` too, and is a transaction test where that role must find what it has just written."""
    mark = request.node.get_closest_marker("django_db")
    if mark is not None:
        assert set(mark.kwargs.get("databases") or ()) - {"release"} == {"default", "owner"}


def pytest_collection_modifyitems(items):
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is not None:
            wanted = {"default", "owner", *(mark.kwargs.get("databases") or ())}
            item.add_marker(
                pytest.mark.django_db(databases=sorted(wanted), transaction=mark.kwargs.get("transaction", False)),
                append=False,
            )


@pytest.fixture(autouse=True)
def _inbox(settings, tmp_path):
    """Files that tests send stay in the test's own folder."""
    settings.INBOX = tmp_path / "inbox"
    settings.EVIDENCE = tmp_path / "evidence"
    evidence = settings.STORAGES["evidence"] | {"OPTIONS": {"location": settings.EVIDENCE}}
    settings.STORAGES = settings.STORAGES | {"evidence": evidence}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Whoever else is still connected goes first, a server's thread too, so that owner can drop the test database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty())
        yield
    for name in ("default", "release"):
        connections[name].close()
    disconnect()


@pytest.fixture(autouse=True)
def _sign_in_as_a_request_does(monkeypatch):
    """Signing in writes down when, and history wants to know who did: in a request the middleware says so."""
    plain = Client.force_login

    def force_login(client, user, backend=None):
        if someone_is_acting():
            return plain(client, user, backend)
        with acting_as(Viewer.nobody(), by="service:sign-in"):
            return plain(client, user, backend)

    monkeypatch.setattr(Client, "force_login", force_login)


@pytest.fixture
def reference(db):
    """Authorities, loaded where a flush has taken them away."""
    return authorities()


@pytest.fixture
def southwark(reference):
    return reference["southwark"]


@pytest.fixture
def lewisham(reference):
    return reference["lewisham"]


@pytest.fixture
def greenwich(reference):
    return reference["greenwich"]


@pytest.fixture
def as_authority():
    """as_authority(southwark) -> a context in which its officer acts."""

    def enter(authority, **more):
        return acting_as(Viewer.of_authority(authority.pk), by="service:tests", **more)

    return enter


@pytest.fixture
def as_provider():
    def enter(provider, **more):
        return acting_as(Viewer.of_provider(provider.pk), by="service:tests", **more)

    return enter


# One person of each role, twice (tests/cast.py), in the small partnership; and that partnership alone, without rates.
_resident_cast, cast = resident("cast", build_cast, not_beside="world")
_resident_world, world = resident("world", build_world, not_beside="cast")
