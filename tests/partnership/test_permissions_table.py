"""The permission table against every page there is: routes are found at run time, so a new one is tried by itself.

A page is granted (200, or 405 where it answers POST alone), refused (403), or asks for signing in (302). A row that
its viewer may not see is not found (404).
"""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from commissioning.partnership.rules.roles import AUTHORITY_ROLES, GRANTS, PROVIDER_ROLES, RESOURCES, ROLES, may
from commissioning.partnership.rules.roles_in_words import THINGS, VERBS, roles_in_words
from tests.cast import build_cast
from tests.permissions import routes, samples
from tests.resident import resident

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

ALL = [route for route in routes(get_resolver()) if not route.others]
PAGES = [route for route in ALL if hasattr(route.callback, "allowed")]
PLAIN = [route for route in PAGES if not route.arguments]
WITH_ROW = [route for route in PAGES if route.arguments]
GRANTED = {200, 405}


def named(routes_):
    return {"argvalues": routes_, "ids": [route.name or route.pattern for route in routes_]}


def build_entered(*partners):
    """The cast, each already signed in: the same people try every page."""
    cast = build_cast(*partners)
    cast.cookies = {}
    with acting_as(Viewer.nobody(), by="service:sign-in"):
        for user in User.objects.all():
            client = Client()
            client.force_login(user)
            cast.cookies[user.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return cast


_resident_entered, entered = resident("entered", build_entered)


def signed_in(cast, user: User) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cast.cookies[user.pk]
    return client


def test_every_route_says_what_it_shows():
    unmarked = [route.pattern for route in ALL if not route.marked]
    assert not unmarked, f"mark these with @allowed or @open_to_all (the API: resource): {unmarked}"
    assert len(PAGES) > 8


def test_every_mark_is_in_the_table():
    known = {(resource, verb) for resource, verb, *_ in GRANTS}
    wrong = [(route.pattern, route.mark) for route in PAGES if route.mark and route.mark not in known]
    assert not wrong, f"no role may do this: add a line to GRANTS, or mend the mark: {wrong}"


def test_every_route_with_arguments_has_a_sample():
    missing = [route.name or route.pattern for route in WITH_ROW if route.name not in samples()]
    assert not missing, f"register these in tests/<room>/samples.py: {missing}"
    loose = [name for name, sample in samples().items() if not (sample.hidden_from or sample.refused_to or sample.why)]
    assert not loose, f"say from whom these are hidden, or why from nobody: {loose}"


@pytest.mark.parametrize("route", **named(PLAIN))
def test_pages_open_for_the_roles_of_the_table(entered, route):
    _try_everybody(entered, route, f"/{route.pattern}")


@pytest.mark.parametrize("route", **named([route for route in WITH_ROW if route.name in samples()]))
def test_pages_of_a_row_open_for_the_roles_of_the_table(entered, route):
    cast = entered
    sample = samples()[route.name]
    address = reverse(route.name, kwargs=sample.arguments(cast))
    _try_everybody(cast, route, address, sample.needs, personal=sample.personal)
    if sample.hidden_from:
        _try_other(cast, route, address, sample.hidden_from, 404)
    if sample.refused_to:
        _try_other(cast, route, address, sample.refused_to, 403)


def _try_everybody(cast, route, address, needs=None, *, personal=False):
    signed_out = Client().get(address)
    if route.mark is None:
        assert signed_out.status_code in GRANTED
        return
    assert signed_out.status_code == 302
    assert signed_out["Location"].startswith("/accounts/login/")
    resource, verb = route.mark
    for role in ROLES:
        got = signed_in(cast, cast.person(role)).get(address).status_code
        if may(role, verb, resource) and (needs is None or may(role, *reversed(needs))):
            # A role may see such rows and yet not this one: 404 for a provider's contact, another body's administrator.
            of_others = route.arguments and (personal or role not in AUTHORITY_ROLES)
            assert got in (GRANTED | {404} if of_others else GRANTED), (role, got)
        else:
            assert got == 403, (role, got)


def _try_other(cast, route, address, who, status):
    resource, verb = route.mark
    roles = PROVIDER_ROLES if who == "rival" else AUTHORITY_ROLES
    tried = [role for role in roles if may(role, verb, resource)]
    assert tried
    for role in tried:
        client = signed_in(cast, cast.person(role, stranger=True))
        got = {client.get(address).status_code, client.post(address).status_code}
        assert status in got, (role, got)
        assert got <= {status, 405}, (role, got)


def test_the_roles_page_says_what_the_table_says():
    assert set(THINGS) == set(RESOURCES), "give every resource its words in roles_in_words.py"
    assert {verb for _, verb, *_ in GRANTS} <= set(VERBS)
    told = {
        (item.key, line.does, name) for item in roles_in_words() for line in item.permissions for name in line.things
    }
    granted = {(role, VERBS[verb], THINGS[resource]) for resource, verb, roles, _ in GRANTS for role in roles}
    assert told == granted


def test_an_unlisted_pair_is_refused_to_everybody():
    assert not any(may(role, "erase", "rates") or may(role, "read", "secrets") for role in ROLES)
    assert not may("king", "read", "lots")
