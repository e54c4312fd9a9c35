"""Every figure of data quality against a patient reader of the rows; another authority's rows are in none of them; and
what it costs does not grow."""

import json
from collections import Counter
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from commissioning.compare.measures.data_quality import data_quality
from commissioning.compare.rules.data_quality import RESOURCES, SIDES
from commissioning.compare.rules.data_quality_asked import RULES
from commissioning.partnership.rules.terms import add_months
from providers.models import Award
from quality.models import KpiCheck
from tests.api.conftest import bearer
from tests.compare.oracle_data_quality import oracle
from tests.compare.recorded import door, moved_back, places, records
from tests.quality.reporting import expected, returned, with_kpis
from tests.world import standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_every_figure_is_what_a_patient_reader_counts(cast, django_assert_max_num_queries):
    today = timezone.localdate()
    standard_rates(cast.world)
    homes = places((cast.authority, cast.other), today)
    records(cast.other, homes, today, seed=5, number=9)
    with door(cast.other), django_assert_max_num_queries(QUERIES):
        few = data_quality(today)
    records(cast.authority, homes, today, seed=1, number=90)
    reported(cast, today)
    moved_back()
    for authority in (cast.authority, cast.other):
        with door(authority):
            with django_assert_max_num_queries(QUERIES):
                judged = data_quality(today)
            told = oracle(authority, today)
        assert judged.counts == {rule.key: (sum(told[rule.key]), len(told[rule.key])) for rule in RULES}
        wrong = Counter(fault.rule.key for fault in judged.faults)
        assert wrong == Counter({key: held.count(False) for key, held in told.items()})
        if authority == cast.authority:
            both = {rule.key: set(told[rule.key]) for rule in RULES}
            one_sided = {key for key, seen in both.items() if seen != {True, False}}
            assert one_sided <= ONE_SIDED, "chance left a rule with rows of one kind alone"
            as_told_by_the_api(authority, judged)
    assert {row.what for row in (fault.row for fault in few.faults)} >= {"Placement 1"}


QUERIES = 24
ONE_SIDED = {"home_where"}


def reported(cast, today):
    """Returns of the last quarters on the lot that Southwark leads: in time, late, missing, verified and queried."""
    with_kpis()
    lot = cast.world.lot(cast.world.shared)
    with door(cast.authority):
        expected(lot, "activity")
        awards = list(Award.objects.filter(lot=lot).order_by("pk"))
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    for place, award in enumerate(awards[:2]):
        for back in (1, 2):
            ends = add_months(quarter, -3 * back)
            made = returned(award, "activity", ends, 10, 10, on=ends + timedelta(days=30 if place and back == 2 else 9))
            if back == 1:
                with door(cast.authority):
                    KpiCheck.objects.create(
                        framework=lot.framework, lot=lot, award=award, provider=award.provider, kpi_return=made,
                        starts_on=made.starts_on, ends_before=ends, return_version=made.version, words="Of whom?",
                        outcome=("verified", "queried")[place], checked_at=timezone.now(),
                    )  # fmt: skip


def as_told_by_the_api(authority, judged):
    client, key = Client(), bearer(authority)
    rows = json.loads(client.get("/api/v1/data-quality/", headers=key).content)["results"]
    assert len(rows) == len(RESOURCES) * len(SIDES)
    for row in rows:
        share = judged.score(row["resource"]).shares[row["side"]]
        assert (row["numerator"], row["denominator"], row["percent"]) == (share.said, share.of, share.per_cent)
        assert row["score"] == judged.score(row["resource"]).per_cent
