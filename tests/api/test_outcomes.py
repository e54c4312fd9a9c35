"""Outcomes through the API: the page's figures by statement, provider and quarter, however few they are of."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from commissioning.partnership.models import Statement
from providers.models import Provider
from quality.models import SurveyInvitation
from tests.quality.voices import oracle, scene

from .conftest import bearer, officer
from .test_refusals import problem
from .walk import V1, pages, rows, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OUTCOMES = f"{V1}/outcomes/"


def quarter(day):
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def test_each_row_equals_the_oracle_however_few_answered(client, market, southwark, lewisham):
    today = timezone.localdate()
    scene((southwark,), homes=2, each=5, days=400, today=today)
    key = bearer(southwark)
    with officer(southwark):
        expected = oracle(southwark, date(2000, 1, 1), today + timedelta(days=1),
                          lambda r: (quarter(r.answered_on), r.provider_id))  # fmt: skip
        names = dict(Provider.objects.values_list("pk", "uuid"))
        due: dict = {}
        for link in SurveyInvitation.objects.filter(withdrawn_on=None).select_related("placement"):
            cell = due.setdefault((quarter(link.due_on), link.placement.provider_id), [0, 0])
            cell[0] += 1
            cell[1] += link.answered_on is not None
        one = Statement.objects.get(number=1)
    told = rows(client, OUTCOMES, key)
    assert len(told) == len(expected) > 50
    by_place = {(row["statement_number"], row["starts_on"], row["provider"]): row for row in told}
    few = 0
    for (statement, (begins, provider)), (said, unsaid, people, behalf, _) in expected.items():
        row = by_place[statement, begins.isoformat(), str(names[provider]) if provider else None]
        n, agree = sum(said.values()), said[4] + said[5]
        assert [row[name] for name in ("n", "young_people", "unsaid", "answered_for")] == [n, people, unsaid, behalf]
        links = due.get((begins, provider), [0, 0])
        assert [row["links_due"], row["links_answered"]] == links
        few += people < 3
        assert [row[f"said_{value}"] for value in range(1, 6)] == [said[value] for value in range(1, 6)]
        assert row["agree"] == agree
        if not n:
            assert {row[name] for name in ("percent", "interval_low", "interval_high")} == {None}
            continue
        assert abs(Decimal(row["percent"]) - Decimal(100 * agree) / n) <= Decimal("0.05")
        assert Decimal(row["interval_low"]) <= Decimal(row["percent"]) <= Decimal(row["interval_high"])
    assert 0 < few < len(expected)
    walked = [row for page in pages(client, f"{OUTCOMES}?limit=7", key) for row in page["results"]]
    assert walked == told, "page by page the same, and each once"
    lines = whole(client.get(f"{OUTCOMES}?format=ndjson", headers=key)).decode()
    assert [json.loads(line) for line in lines.splitlines()] == told
    assert "SECRET" not in lines
    begins = quarter(today)
    chosen = rows(client, f"{OUTCOMES}?answered_from={begins}&statement={one.uuid}", key)
    assert chosen == [row for row in told if row["starts_on"] >= begins.isoformat() and row["statement_number"] == 1]
    helped = rows(client, f"{OUTCOMES}?answered_by=behalf&service_type=residential", key)
    assert all(row["answered_for"] == row["n"] + row["unsaid"] for row in helped)
    assert rows(client, f"{OUTCOMES}?provider={one.uuid}", key) == []
    problem(client.get(f"{OUTCOMES}?updated_since=0", headers=key), 400)
    problem(client.get(f"{OUTCOMES}?answered_from=soon", headers=key), 400)
    theirs = rows(client, OUTCOMES, bearer(lewisham))
    assert sum(row["n"] for row in theirs if row["statement_number"] == 1) == 1, "its own alone"
    problem(client.get(OUTCOMES, headers=bearer(southwark, "lots")), 403)
