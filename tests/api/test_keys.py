"""Keys: from which networks they are taken, how many calls a minute holds, how one follows another."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from commissioning.partnership.actions.make_key import digest, make_key
from commissioning.partnership.actions.rotate_key import is_live, rotate_key
from commissioning.partnership.models import ApiKey, Calls, User
from commissioning.partnership.rules.networks import is_within, read_networks
from tests.api.conftest import bearer, officer
from tests.api.test_refusals import problem

HERE = "/api/v1/authorities/"


def made(authority, **more):
    with officer(authority):
        return make_key(authority=authority, name="warehouse", at=timezone.now(), by=None, **more)


def header(presented):
    return {"Authorization": f"Bearer {presented}"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("192.0.2.7", "192.0.2.7/32"), ("198.51.100.0/24, 2001:db8::/32", "198.51.100.0/24 2001:db8::/32"),
        ("192.0.2.7\n192.0.2.7", "192.0.2.7/32"), ("", ""),
    ],
)  # fmt: skip
def test_networks_are_read_as_people_write_them(given, kept):
    assert " ".join(map(str, read_networks(given))) == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("office", "is no network"), ("192.0.2.7/24", "Did you mean 192.0.2.0/24"), ("0.0.0.0/0", "every address"),
        ("::/0", "every address"), (" ".join(f"192.0.2.{n}" for n in range(21)), "20 networks at most"),
        ("192.0.2.256", "is no network"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused_in_words(given, words):
    with pytest.raises(ValueError, match=words):
        read_networks(given)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("198.51.100.9", True), ("::ffff:198.51.100.9", True), ("198.51.101.9", False), ("2001:db8::1", False),
        ("", False), ("unix:", False),
    ],
)  # fmt: skip
def test_an_address_lies_in_a_network_or_not(address, inside):
    assert is_within(address, "198.51.100.0/24 192.0.2.7/32") is inside
    assert is_within(address, "")


def test_a_key_is_taken_from_its_networks_alone(client, cast, settings):
    """Whatever X-Forwarded-For says: it is read behind our own proxy alone, and there its last entry."""
    authority = cast.authority
    key = header(made(authority, networks="198.51.100.0/24")[1])
    assert client.get(HERE, headers=key, REMOTE_ADDR="198.51.100.4").status_code == 200
    spoofed = {**key, "X-Forwarded-For": "198.51.100.4"}
    problem(client.get(HERE, headers=spoofed, REMOTE_ADDR="203.0.113.4"), 403)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    told = {**key, "X-Forwarded-For": "198.51.100.4, 203.0.113.4"}
    problem(client.get(HERE, headers=told, REMOTE_ADDR="127.0.0.1"), 403)
    told = {**key, "X-Forwarded-For": "203.0.113.4, 198.51.100.4"}
    assert client.get(HERE, headers=told, REMOTE_ADDR="127.0.0.1").status_code == 200
    problem(client.get(HERE, headers=key, REMOTE_ADDR="127.0.0.1"), 403)


def test_a_minute_holds_so_many_calls(client, cast, settings):
    settings.API_CALLS_OF_KEY, settings.API_CALLS_OF_AUTHORITY = 3, 5
    one, other = (header(made(cast.authority)[1]) for _ in range(2))
    answers = [client.get(HERE, headers=one).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    # What the one was refused took nothing from the others; together they stop at five.
    assert [client.get(HERE, headers=other).status_code for _ in range(2)] == [200, 200]
    refused = client.get(HERE, headers=other)
    told = problem(refused, 429)
    assert "together made the 5 calls" in told["detail"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    # Another authority's minute is its own, and a new minute begins anew.
    assert client.get(HERE, headers=header(made(cast.other)[1])).status_code == 200
    Calls.objects.update(began_at=timezone.now() - timedelta(seconds=61))
    assert client.get(HERE, headers=one).status_code == 200


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_a_hundred_calls_at_once_exactly_as_many_pass_as_a_minute_holds(cast, settings):
    settings.API_CALLS_OF_KEY, settings.API_CALLS_OF_AUTHORITY = 60, 90
    keys = [header(made(cast.authority)[1]) for _ in range(2)]

    def call(key, number):
        try:
            spoofed = {**key, "X-Forwarded-For": f"198.51.100.{number}"}
            return Client().get(HERE, headers=spoofed).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        first = list(pool.map(lambda n: call(keys[0], n), range(100)))
        second = list(pool.map(lambda n: call(keys[1], n), range(100)))
    assert (first.count(200), first.count(429)) == (60, 40)
    assert (second.count(200), second.count(429)) == (30, 70)
    connection.ensure_connection()


def test_a_key_follows_another_with_both_live(cast):
    authority, now = cast.authority, timezone.now()
    old, presented = made(authority, scopes=("frameworks",), networks="198.51.100.0/24")
    with officer(authority):
        new, shown = rotate_key(key=old, days=90, beside=7, at=now, by=None)
        old.refresh_from_db()
        assert (new.name, new.scopes, new.networks, new.replaces_id) == (old.name, old.scopes, old.networks, old.pk)
        assert old.expires_at == now + timedelta(days=7)
        assert all(is_live(each, now) for each in (old, new))
        assert shown != presented
        for key, words in ((old, "replaced already"), (new, "Two keys warehouse are live")):
            with pytest.raises(ValidationError, match=words):
                rotate_key(key=key, days=90, beside=0, at=now, by=None)
        later = now + timedelta(days=8)
        with pytest.raises(ValidationError, match="has ended"):
            rotate_key(key=old, days=90, beside=0, at=later, by=None)
        third, _ = rotate_key(key=new, days=90, beside=0, at=later, by=None)
        assert (ApiKey.objects.get(pk=new.pk).expires_at, third.replaces_id) == (later, new.pk)
        with pytest.raises(ValidationError, match="30 days at most"):
            rotate_key(key=third, days=90, beside=31, at=later, by=None)


def test_a_key_makes_no_key(client, cast):
    key = bearer(cast.authority)
    assert client.post("/accounts/keys/make/", {"name": "x"}, headers=key).status_code in (302, 403)
    assert ApiKey.objects.count() == 1


def presented_on(page):
    return re.search(r'value="([0-9a-f]{12}\.[\w-]{43})"', page.content.decode()).group(1)


def test_the_page_makes_replaces_and_refuses(client, cast):
    """An administrator's key reads for a system; an officer's own may send, and is the officer's alone."""
    admin, placer = cast.person("authority_administrator"), cast.person("placements_officer")
    client.force_login(admin)
    sent = {"name": "Warehouse", "scopes": ["*"], "days": "91", "networks": "198.51.100.0/24\n192.0.2.7"}
    assert "is no network" in client.post("/accounts/keys/make/", {**sent, "networks": "office"}).content.decode()
    assert "placements:write" not in client.get("/accounts/keys/make/").content.decode()
    client.post("/accounts/keys/make/", sent)
    system = ApiKey.objects.get()
    assert system.networks == "198.51.100.0/24 192.0.2.7/32"
    page = client.post(f"/accounts/keys/{system.uuid}/replace/", {"days": "365", "beside": "7"})
    assert ApiKey.objects.get(replaces=system).digest == digest(presented_on(page))
    again = client.post(f"/accounts/keys/{system.uuid}/replace/", {"days": "365", "beside": "7"})
    assert "replaced already" in again.content.decode()
    client.force_login(placer)
    assert client.get(f"/accounts/keys/{system.uuid}/replace/").status_code == 404
    form = client.get("/accounts/keys/make/").content.decode()
    assert 'value="placements:write"' in form
    assert 'value="*"' not in form
    assert 'value="releases:write"' not in form
    own = {"name": "Case system", "scopes": ["placements:write", "placements"], "days": "365"}
    shown = presented_on(client.post("/accounts/keys/make/", own))
    listed = client.get("/accounts/keys/").content.decode()
    assert "Case system" in listed
    assert "Warehouse" not in listed
    assert Client().get("/api/v1/placements/", headers=header(shown)).status_code == 200
    # It reads what its maker's role does, for as long as they have it.
    with cast.acting("authority_administrator"):
        User.objects.filter(pk=placer.pk).update(role="steering_member")
    problem(Client().get("/api/v1/placements/", headers=header(shown)), 403)
    for left in ("placements_officer", "authority_administrator"):  # an administrator, too, takes no more along
        with cast.acting("authority_administrator"):
            User.objects.filter(pk=placer.pk).update(role=left, is_active=False)
        problem(Client().get("/api/v1/placements/", headers=header(shown)), 403)
    # A system's reads on, whatever who made it becomes.
    with cast.acting("authority_administrator"):
        _, of_system = make_key(authority=cast.authority, name="System", at=timezone.now(), by=admin)
        User.objects.filter(pk=admin.pk).update(role="steering_member")
    assert Client().get("/api/v1/placements/", headers=header(of_system)).status_code == 200
