"""What many tests of one module stand on, built once for it."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from inspect import Parameter, Signature
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.emptied import empty, forget, keep, put_back

SOUTH_EAST_LONDON = ("southwark", "lewisham", "lambeth", "greenwich", "bexley", "bromley", "croydon")
PARTNERS = ("southwark", "lewisham", "greenwich")
JOINED = date(2012, 4, 1)
PLAIN = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "SECOND_FACTOR_REQUIRED": False}
COMMITS = {"live_server", "transactional_db", "flock"}


def authorities() -> dict[str, Any]:
    """The members by slug, loaded where a flush has taken them away."""
    from commissioning.partnership.actions.load_authorities import load_authorities
    from commissioning.partnership.models import Authority

    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        members = Authority.objects.filter(slug__in=SOUTH_EAST_LONDON)
        if members.count() != len(SOUTH_EAST_LONDON):
            load_authorities()
        members.exclude(member_from=JOINED).update(member_from=JOINED)
        return {authority.slug: authority for authority in members}


def resident(name: str, build: Callable[..., Any], *, not_beside: str = "") -> tuple[Any, Any]:
    """Two fixtures: the module's own, and the one called `name` that tests ask for. `build` is given Southwark,
    Lewisham and Greenwich.

    It is built once for a module, in a transaction that outlives its tests, each of which is a savepoint in it and gets
    a copy of what was built. Where a test of the module commits or flushes, or asks for the fixture `not_beside` as
    well, it is built anew for each test.
    """

    @pytest.fixture(scope="module", name=f"_resident_{name}")
    def of_module(request: Any, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Any]:
        items = [item for item in request.session.items if getattr(item, "module", None) is request.module]
        asked = {fixture for item in items for fixture in item.fixturenames}
        marks = [mark for item in items for mark in item.iter_markers("django_db")]
        if asked & (COMMITS | {not_beside}) or any(mark.kwargs.get("transaction") for mark in marks):
            yield None
            return
        with django_db_blocker.unblock():
            outer = transaction.atomic(using="default")
            outer._from_testcase = True  # as the tests' own is: acting_as opens its durable block in it
            outer.__enter__()
            try:
                with override_settings(INBOX=tmp_path_factory.mktemp("inbox"), **PLAIN):
                    known = authorities()
                    yield build(*(known[partner] for partner in PARTNERS))
            finally:
                transaction.set_rollback(True, using="default")
                outer.__exit__(None, None, None)

    def of_test(reference: dict[str, Any], settings: Any, tmp_path: Any, **made: Any) -> Any:
        settings.INBOX = tmp_path
        for setting, value in PLAIN.items():
            setattr(settings, setting, value)
        return deepcopy(made[f"_resident_{name}"]) or build(*(reference[partner] for partner in PARTNERS))

    # Named among its arguments, so that the module's transaction is opened before the test's.
    named = [f"_resident_{name}", "reference", "settings", "tmp_path"]
    of_test.__signature__ = Signature([Parameter(each, Parameter.KEYWORD_ONLY) for each in named])
    return of_module, pytest.fixture(of_test, name=name)


def committed(name: str, build: Callable[[], Any]) -> tuple[Any, Any]:
    """The same two fixtures for tests that commit: what was built is committed once for a module and kept beside, and
    put back for each test that asks for it, which gets a copy of what `build` gave."""

    @pytest.fixture(scope="module", name=f"_committed_{name}")
    def of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
        with django_db_blocker.unblock():
            forget(name)
            try:
                made = build()
                keep(name)
            finally:
                empty()
        yield made
        with django_db_blocker.unblock():
            forget(name)

    def of_test(**made: Any) -> Any:
        put_back(name)
        return deepcopy(made[f"_committed_{name}"])

    # Named among its arguments, so that the module's is built before the test's own rows.
    named = [f"_committed_{name}", "transactional_db"]
    of_test.__signature__ = Signature([Parameter(each, Parameter.KEYWORD_ONLY) for each in named])
    return of_module, pytest.fixture(of_test, name=name)
