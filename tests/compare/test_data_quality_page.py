"""The page of data quality: the measure's figures, where each thing is put right, for whom, and with very many rows."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from commissioning.compare.measures.data_quality import data_quality
from commissioning.compare.pages.data_quality_words import FORMS, put_right, shown
from commissioning.compare.rules.data_quality_asked import RULES
from contracts.models import Child, Placement
from tests.compare.recorded import door, places, records
from tests.world import standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
AT = "/data-quality/"
OFFICER = "commissioning_officer"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def pages_of(addresses) -> dict[str, str]:
    """An address of each page that is led to."""
    return {resolve(address.partition("?")[0]).url_name: address for address in addresses}


def as_csv(client, asked="") -> list[dict]:
    return list(csv.DictReader(io.StringIO(client.get(f"{AT}?format=csv{asked}").content.decode("utf-8-sig"))))


def test_what_is_wrong_stands_there_with_where_it_is_put_right(cast):
    today = timezone.localdate()
    standard_rates(cast.world)
    homes = places((cast.authority, cast.other), today)
    records(cast.authority, homes, today, seed=2, number=24)
    records(cast.other, homes, today, seed=4, number=6)
    client = signed_in(cast.person(OFFICER))
    with cast.acting(OFFICER) as officer:
        judged = data_quality(today)
        links = pages_of(put_right(fault, officer) for fault in judged.faults)
        links |= pages_of(shown(fault.row) for fault in judged.faults)
        hers = {str(uuid) for uuid in Placement.objects.values_list("uuid", flat=True)}
    with cast.acting(OFFICER, stranger=True):
        theirs = {str(uuid) for uuid in Placement.objects.values_list("uuid", flat=True)}
        assert data_quality(today).rows_wrong < judged.rows_wrong
    page = client.get(AT)
    told = text(page)
    assert f"{judged.rows_wrong} rows need something: {len(judged.faults)} things to put right." in told
    assert "a proposal of this platform’s own" in told
    for resource in ("placements", "agreements", "visits"):
        score = judged.score(resource)
        for share in score.shares.values():
            if share.of:
                assert f"{share.per_cent}%: {share.said} of {share.of}" in told
    everything = as_csv(client)
    assert len(everything) == len(judged.faults)
    chosen = as_csv(client, "&resource=placements&side=consistency")
    assert len(chosen) == sum((f.resource, f.side) == ("placements", "consistency") for f in judged.faults) > 0
    only = as_csv(client, "&asked=spot_reason")
    assert {row["wrong"] for row in only} == {"Bought spot, and nothing says why"}
    whole = client.get(f"{AT}?sort=wrong&page=2").content.decode()
    assert not any(uuid in whole for uuid in theirs)
    assert any(uuid in whole for uuid in hers)
    assert "Child " not in str(everything)
    assert len(links) > 12
    assert {name: client.get(address).status_code for name, address in links.items()} == dict.fromkeys(links, 200)
    reads = signed_in(cast.person("auditor"))
    with cast.acting("auditor") as auditor:
        links = pages_of(put_right(fault, auditor) for fault in judged.faults)
    assert {name: reads.get(address).status_code for name, address in links.items()} == dict.fromkeys(links, 200)
    assert "Young people’s answers" in text(reads.get(AT))
    assert "Young people’s answers" not in text(signed_in(cast.person("finance_officer")).get(AT))
    assert signed_in(cast.person("steering_member")).get(AT).status_code == 403
    assert 'href="/data-quality/"' in client.get("/imports/").content.decode()


def test_nothing_recorded_says_so(cast):
    client = signed_in(cast.person(OFFICER))
    told = text(client.get(AT))
    assert "Nothing is recorded yet of which anything could be asked." in told
    assert "Nothing recorded yet" in told
    assert "nothing asked" in told
    assert as_csv(client) == []


def test_five_thousand_rows_are_paged_and_cost_no_more_queries(cast, django_assert_max_num_queries):
    today = timezone.localdate()
    own = {"authority": cast.authority}

    def add(first: int, number: int) -> None:
        with door(cast.authority):
            children = Child.objects.bulk_create(
                Child(**own, number=n, disabilities=[]) for n in range(first, first + number)
            )
            Placement.objects.bulk_create(
                Placement(**own, number=child.number, child=child, service_type="residential", route="spot",
                          starts_on=today - timedelta(days=9), called_off_on=today - timedelta(days=9),
                          spot_reason="specialist", registration="registered")
                for child in children
            )  # fmt: skip

    add(1, 2)
    client = signed_in(cast.person(OFFICER))
    with cast.acting(OFFICER), django_assert_max_num_queries(24):
        data_quality(today)
    add(3, 4998)
    with cast.acting(OFFICER), django_assert_max_num_queries(24):
        judged = data_quality(today)
    assert (judged.rows_wrong, len(judged.faults)) == (10_000, 20_000)  # placements, and their prices
    told = text(client.get(f"{AT}?resource=placements&side=completeness&page=300"))
    assert "14,951 to 15,000 of 15,000 things to put right" in told
    assert "15,000 of 20,000" in told
    assert len(as_csv(client, "&asked=provider")) == 5000


def test_every_form_is_of_a_rule():
    assert set(FORMS) <= {rule.key for rule in RULES}
