"""Strangers, wrong scopes, foreign rows and nonsense: each has a plain answer, and none is a failure."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from api.data_quality import DATA_QUALITY
from api.ocds import OCDS
from api.outcomes import OUTCOMES
from api.spend import SPEND
from api.urls import RESOURCES
from commissioning.compare.rules import data_quality as quality
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import ApiKey, User
from providers.models import Rate

from .conftest import bearer, officer
from .walk import V1, every_answer, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NAMES = [resource.name for resource in RESOURCES]


def problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert set(body) == {"type", "title", "status", "detail", "remedy"}
    assert body["status"] == status
    assert all(body.values())
    return body


def test_every_address_says_what_it_reads():
    for pattern in get_resolver("api.urls").url_patterns:
        view = getattr(pattern.callback, "view_class", None)
        if view is not None:
            assert view.resource in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_strangers_are_refused(client, market, name):
    for headers in (None, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"},
                    {"Authorization": "Bearer \u00e9"}, {"Authorization": "Bearer"}):  # fmt: skip
        answer = client.get(f"{V1}/{name}/", headers=headers)
        problem(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")
    alone = (SPEND.name, OUTCOMES.name, OCDS.name, DATA_QUALITY.name)  # worked out: no row has an address
    problem(client.get(f"{V1}/{name}/{uuid.uuid4()}/"), 404 if name in alone else 401)


@pytest.mark.parametrize("name", NAMES)
def test_scopes_hold(client, market, southwark, name):
    other = "lots" if name != "lots" else "rates"
    assert client.get(f"{V1}/{name}/", headers=bearer(southwark, name)).status_code == 200
    problem(client.get(f"{V1}/{name}/", headers=bearer(southwark, other)), 403)


def test_a_key_ends(client, market, southwark):
    key = bearer(southwark)
    prefix = key["Authorization"].split()[1].split(".")[0]
    with officer(southwark):
        ApiKey.objects.filter(prefix=prefix).update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(client.get(f"{V1}/lots/", headers=key), 401)


def test_a_foreign_row_is_no_row(client, market, southwark, lewisham):
    with officer(lewisham):
        foreign = Rate.objects.filter(framework=market.theirs.framework)[0]
    key = bearer(southwark)
    hidden = client.get(f"{V1}/rates/{foreign.uuid}/", headers=key)
    absent = client.get(f"{V1}/rates/{uuid.uuid4()}/", headers=key)
    problem(hidden, 404)
    assert hidden.content == absent.content
    assert client.get(f"{V1}/rates/{foreign.uuid}/", headers=bearer(lewisham)).status_code == 200


def test_southwark_sees_nothing_of_lewishams_rates(client, market, southwark, lewisham):
    with officer(lewisham):
        foreign = [str(rate.uuid) for rate in Rate.objects.filter(framework=market.theirs.framework)]
    assert len(foreign) == 4
    told = every_answer(client, bearer(southwark))
    assert len(told) > 5 * len(RESOURCES)
    for address, body in told.items():
        assert not [u for u in foreign if u.encode() in body], address
    theirs = every_answer(client, bearer(lewisham))[f"{V1}/rates/"]
    assert all(u.encode() in theirs for u in foreign)


def test_signed_in_people_may_read_what_their_role_reads(client, market, southwark):
    with officer(southwark):
        contact = User.objects.create_user("a@alder.example", "x" * 16, role="provider_contact", provider=market.alder)
        admin = User.objects.create_user("p@sel.example", "x" * 16, role="partnership_administrator")
    client.force_login(contact)
    seen = rows(client, f"{V1}/rates/")
    assert {row["provider_name"] for row in seen} == {"=Alder Fostering"}
    assert len(seen) == 4
    assert client.get(f"{V1}/rates/count/").json()["rows"] == 4
    problem(client.get(f"{V1}/imports/"), 403)
    problem(client.get(f"{V1}/rates/?updated_since=1"), 400)
    client.force_login(admin)
    problem(client.get(f"{V1}/rates/"), 403)
    for address in ("lots/", "lots/count/"):
        assert client.get(f"{V1}/{address}").status_code == 200


def test_a_key_of_ones_own_reads_what_its_maker_reads(client, market, southwark):
    """What the authority keeps to those who work with cases, too: none of it once the maker does not."""
    with officer(southwark):
        maker = User.objects.create_user("m@s.example", "x" * 16, role="placements_officer", authority=southwark)
        _, presented = make_key(authority=southwark, name="own", scopes=("actions", "visits"), at=timezone.now(),
                                by=maker)  # fmt: skip
    key = {"Authorization": f"Bearer {presented}"}
    assert "HIDDEN note" in json.dumps(rows(client, f"{V1}/actions/", key))
    with officer(southwark):
        User.objects.filter(pk=maker.pk).update(role="steering_member")
    client.force_login(User.objects.get(pk=maker.pk))
    for name in ("actions", "visits"):
        told = rows(client, f"{V1}/{name}/", key)
        assert told == rows(client, f"{V1}/{name}/"), name
        assert "HIDDEN" not in json.dumps(told)


def test_data_quality_is_of_what_the_role_reads(client, market, southwark):
    """As its page: who may not read what young people answered is not told how many answered, either."""
    with officer(southwark):
        people = [User.objects.create_user(f"{role}@s.example", "x" * 16, role=role, authority=southwark)
                  for role in ("finance_officer", "placements_officer")]  # fmt: skip
        _, presented = make_key(authority=southwark, name="own", scopes=("*",), at=timezone.now(), by=people[1])
        User.objects.filter(pk=people[1].pk).update(role="finance_officer")
    key = {"Authorization": f"Bearer {presented}"}
    client.force_login(people[0])
    for headers in (None, key):
        told = {row["resource"] for row in rows(client, f"{V1}/data-quality/", headers)}
        assert told == set(quality.RESOURCES) - {"surveys"}
        assert rows(client, f"{V1}/data-quality/?resource=surveys", headers) == []
    whole = {row["resource"] for row in rows(client, f"{V1}/data-quality/", bearer(southwark))}
    assert whole == set(quality.RESOURCES)


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete", "options"])
def test_read_only(client, market, southwark, verb):
    problem(getattr(client, verb)(f"{V1}/rates/", headers=bearer(southwark)), 405)


@pytest.mark.parametrize("asked", [
    "limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=99999999999999999999", "limit=%D9%A1",
    "limit=NaN", "limit=", "limit=1&limit=2", "cursor=", "cursor=abc", "cursor=a:b:c", "cursor=%00",
    "updated_since=", "updated_since=yesterday", "updated_since=2026-04-01",
    "updated_since=2026-04-01T00:00:00", "updated_since=2026-13-01T00:00:00Z",
    "updated_since=0001-01-01T00:00:00Z", "updated_since=9999999999999999999",
    "updated_since=99999999999999999999", "updated_since=-1", "updated_since=%00", "format=ods", "format=",
    "format=csv&limit=5", "format=csv&cursor=a", "lot=1", "lot=%00", "lot=NaN", "in_force_on=01/04/2026",
    "in_force_on=2026-02-30", "in_force_on=%00", "page=2", "offset=5", "%00=1", "order=amount",
    "framework=1;drop", "updated_since=NaN",
])  # fmt: skip
def test_nonsense_is_refused_by_name(client, market, southwark, asked):
    said = problem(client.get(f"{V1}/rates/?{asked}", headers=bearer(southwark)), 400)
    name = asked.partition("=")[0].replace("%00", "\\x00")
    assert name in said["detail"] or "format" in asked


@pytest.mark.parametrize(
    "address",
    [
        "price-lines/?age=NaN",
        "price-lines/?age=1e400",
        "price-lines/?age=-1",
        "providers/?name=%00",
        "inspections/?overall=splendid",
        "premises/?category=9",
    ],
)
def test_nonsense_elsewhere(client, market, southwark, address):
    problem(client.get(f"{V1}/{address}", headers=bearer(southwark)), 400)


@pytest.mark.parametrize("method", ["get", "post", "patch"])
def test_an_address_without_its_slash_is_told_so_whatever_the_method(market, southwark, method):
    """A system has no form token, and is not asked for one."""
    client, key = Client(enforce_csrf_checks=True), bearer(southwark)
    told = getattr(client, method)(f"{V1}/placements", content_type="application/json", headers=key)
    assert "slash" in problem(told, 404)["remedy"]


def test_words_that_are_no_formula_for_a_database(client, market, southwark):
    key = bearer(southwark)
    assert rows(client, f"{V1}/providers/?name=%25", key) == []
    assert rows(client, f"{V1}/providers/?company_number=' or 1=1 --", key) == []
    problem(client.get(f"{V1}/providers/not-an-id/", headers=key), 404)
    problem(client.get(f"{V1}/rates/?" + "&".join(f"x{n}=1" for n in range(2000)), headers=key), 400)
    problem(client.get("/api/v1/nonsense/", headers=key), 404)


def test_a_cursor_is_for_one_caller_and_one_question(client, market, southwark, lewisham):
    key = bearer(southwark)
    following = json.loads(client.get(f"{V1}/rates/?limit=1", headers=key).content)["next"]
    cursor = following.partition("cursor=")[2]
    assert client.get(following, headers=key).status_code == 200
    problem(client.get(following, headers=bearer(lewisham)), 400)
    problem(client.get(f"{V1}/lots/?cursor={cursor}", headers=key), 400)
    problem(client.get(f"{V1}/rates/?in_force_on=2026-01-01&cursor={cursor}", headers=key), 400)
    problem(client.get(following[:-2] + "xx", headers=key), 400)
