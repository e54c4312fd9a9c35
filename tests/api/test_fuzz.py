"""Calls made up from the description, by callers of every kind: none is a fault of ours, and every answer is as
described. `python -m tests.bench fuzz` tries ten times as many. What else is bad input is in the table below."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from api.schema import document

from .conftest import bearer
from .fuzz import try_out
from .test_refusals import problem
from .test_writes import writer
from .walk import V1, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_limit(settings):
    settings.API_CALLS_OF_KEY = settings.API_CALLS_OF_AUTHORITY = 1_000_000


def test_calls_made_up_from_the_description(market, southwark):
    told = try_out(market, southwark, share=7, drawn=6)
    assert not told.failures, "\n\n".join(told.failures[:20])
    assert told.cases > 2000
    assert len(told.by_caller()) == 16
    assert {200, 400, 401, 403, 404, 405, 412, 422, 428} <= {status for _, status in told.answers}


@pytest.mark.parametrize(("address", "words"), [
    ("inspections/?heard=AAA", "true or false"), ("inspections/count/?heard=2", "true or false"),
    ("kpis/?returned=yes", "true or false"), ("referrals/?open=%00", "open"),
    ("inspections/?heard_since=9999-12-31T23:59:59-14:00", "heard_since"),
    ("rates/?updated_since=0001-01-01T00:00:00%2B14:00", "updated_since"),
    ("rates/?updated_since=9999-12-31T23:59:59-23:59", "updated_since"),
])  # fmt: skip
def test_what_says_neither_is_refused(client, market, southwark, address, words):
    assert words in problem(client.get(f"{V1}/{address}", headers=bearer(southwark)), 400)["detail"]


def test_every_time_zone_that_can_be_written_is_taken(client, market, southwark):
    """PostgreSQL takes none beyond sixteen hours; ISO 8601, and so whoever calls, does."""
    key = writer(southwark)
    for asked in ("inspections/?heard_since", "rates/?updated_since"):
        answer = client.get(f"{V1}/{asked}=2025-04-01T05:53:40%2B21:38", headers=key)
        assert answer.status_code == 200, answer.content
    row = {"reference": "R-6", "child": "C-900", "opened_at": "2026-02-01T09:30:00+21:38", "needed_by": "2026-03-02",
           "urgency": "planned", "in_house_tried": "no", "service_type": "residential"}  # fmt: skip
    answer = client.post(f"{V1}/referrals/?dry_run=true", json.dumps({"referrals": [row]}),
                         content_type="application/json", headers={**key, "Idempotency-Key": "zone"})  # fmt: skip
    assert (answer.status_code, json.loads(answer.content)["accepted"]) == (200, 1), answer.content


def test_a_clock_an_hour_ahead_is_refused_and_one_behind_loses_nothing(client, market, southwark):
    key, now = bearer(southwark), timezone.now()

    def since(instant):
        return client.get(f"{V1}/rates/?updated_since={quote(instant.isoformat())}", headers=key)

    assert "has not come yet" in problem(since(now + HOUR), 400)["detail"]
    assert json.loads(since(now - HOUR).content)["watermark"]  # behind: told again, as test_walks has it


def test_a_cursor_goes_on_for_another_key_of_the_same_authority_alone(client, market, southwark, lewisham):
    first = json.loads(client.get(f"{V1}/rates/?limit=1", headers=bearer(southwark)).content)
    other = bearer(southwark, "rates")
    on = json.loads(client.get(first["next"], headers=other).content)["results"]
    assert first["results"] + on == rows(client, f"{V1}/rates/", other)[:2]
    problem(client.get(first["next"], headers=bearer(southwark, "lots")), 403)
    problem(client.get(first["next"], headers=bearer(lewisham)), 400)


def test_ten_megabytes_are_too_large_wherever_something_is_sent(client, market, southwark):
    keys = [writer(southwark), writer(southwark, "commissioning_officer", ("releases:write", "*"))]
    tried = 0
    for address, operations in document()["paths"].items():
        for method in operations.keys() & {"post", "patch", "put"}:
            assert "413" in operations[method]["responses"], address
            here = address.replace("{id}", str(market.bought["southwark"].placement.uuid))
            answers = [
                getattr(client, method)(here, b"[" * 10_000_000, content_type="application/json",
                                        headers={**key, "Idempotency-Key": "k", "If-Match": '"1"'})
                for key in keys
            ]  # fmt: skip
            assert {answer.status_code for answer in answers} <= {403, 413}, address
            problem(next(answer for answer in answers if answer.status_code == 413), 413)
            tried += 1
    assert tried > 10
