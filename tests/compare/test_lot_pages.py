"""What the list of lots tells whom."""

import csv
import io

import pytest
from django.test import Client

from tests.world import standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def listed(user):
    client = Client()
    client.force_login(user)
    page = client.get("/lots/?format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(page)))


def test_an_officer_reads_how_many_have_a_place_and_who_takes_part(cast):
    standard_rates(cast.world)
    rows = {row["framework"]: row for row in listed(cast.person("commissioning_officer"))}
    assert rows["Fostering framework for tests"]["providers"] == "3"
    assert rows["Semi-independent framework for tests"]["part"].lower() in ("no", "false")


def test_a_contact_is_not_told_a_number_that_counts_its_own_place_alone(cast):
    standard_rates(cast.world)
    assert {"providers", "part"}.isdisjoint(listed(cast.person("provider_contact"))[0])
