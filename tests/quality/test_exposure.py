"""Exposure by owner: own placements and cost in each group, judgements by scale, and who is affected if it fails."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as
from contracts.actions.cost_lines import add_cost_line
from contracts.models import CostLine, Placement
from providers.models import Establishment, Ownership, Provider
from tests.conftest import SERVICE

from . import watching
from .books import FILES
from .test_ofsted import bring
from .watching import BY, HOME, home, live, officer, own

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path, reference):
    settings.INBOX = tmp_path / "inbox"
    settings.SECOND_FACTOR_REQUIRED = False


def named(name):
    with acting_as(SERVICE, by=BY):
        return Provider.objects.get(name=name)


@pytest.fixture
def groups(southwark, lewisham):
    """Willow owns Juniper and, until the end of 2024, Alder; Birch stands alone. Prices of some placements."""
    for year in (2018, 2024, 2025):
        bring(FILES / f"provider_level_at_31_march_{year}.csv")
    willow, juniper, alder = (named(n) for n in ("Willow Care Ltd", "Juniper Homes Ltd", "Alder Fostering Limited"))
    with acting_as(SERVICE, by=BY):
        Ownership.objects.create(provider=willow, owned=juniper, starts_on=date(2019, 4, 1))
        Ownership.objects.create(provider=willow, owned=alder, starts_on=date(2020, 1, 1), ends_before=date(2025, 1, 1))
    priced = [*live(southwark, HOME, 2), *live(southwark, watching.AGENCY, 1), *live(southwark, watching.SHARED, 3)]
    live(southwark, HOME, 1, starts_on=date(2024, 1, 1), left_on=date(2025, 1, 1))
    live(lewisham, HOME, 9)
    live(lewisham, watching.AGENCY, 1)
    with own(southwark):
        for number, placement in enumerate(priced[:-1]):  # the last has no price
            add_cost_line(placement=placement, amount=Decimal(1000 + number), starts_on=placement.starts_on, by=BY)
        add_cost_line(
            placement=priced[0], amount=Decimal(99), starts_on=date(2025, 10, 1), ends_before=date(2025, 11, 1), by=BY
        )
    return southwark, lewisham


def by_the_oracle(authority, day, today):
    """Top owner's name -> [children, pounds a week, without a price], one placement and one step up at a time."""
    with acting_as(SERVICE, by=BY):
        above = {}
        for row in Ownership.objects.select_related("provider", "owned"):
            if (row.starts_on is None or row.starts_on <= day) and (row.ends_before is None or day < row.ends_before):
                above[row.owned.name] = row.provider.name
    found = {}
    with own(authority):
        for row in Placement.objects.select_related("provider"):
            if row.starts_on > today or (row.ends_before and row.ends_before <= today):
                continue
            name = row.provider.name
            while name in above:
                name = above[name]
            lines = [
                line.weekly_amount for line in CostLine.objects.all()
                if line.placement_id == row.pk and line.starts_on <= today
                and (line.ends_before is None or line.ends_before > today)
            ]  # fmt: skip
            entry = found.setdefault(name, [0, Decimal(0), 0])
            entry[0] += 1
            entry[1] += sum(lines)
            entry[2] += not lines
    return found


def page_of(client, on=""):
    return client.get("/inspections/exposure/" + (f"?on={on}" if on else ""))


def test_each_owner_with_its_children_and_cost_on_a_day(client, groups):
    today = timezone.localdate()
    for authority in groups:
        client.force_login(officer(authority))
        for day in (today, date(2024, 6, 1), date(2015, 1, 1)):
            rows = page_of(client, day).context["table"].shown
            assert {row.name: [row.placements, row.weekly, row.unpriced] for row in rows} == by_the_oracle(
                authority, day, today
            ), (authority, day)
    client.force_login(officer(groups[0]))
    html = page_of(client).content.decode()
    assert "6 children of ours live with 3 owners." in html
    rows = {row.name: row for row in page_of(client).context["table"].shown}
    assert [each.name for each in rows["Willow Care Ltd"].providers] == ["Willow Care Ltd", "Juniper Homes Ltd"]
    assert rows["Willow Care Ltd"].others == [("Lewisham", "8 or more")]
    assert rows["Alder Fostering Limited"].others == [("Lewisham", "fewer than 8")]
    assert (rows["Willow Care Ltd"].homes_used, rows["Willow Care Ltd"].homes) == (1, 1)
    csv = client.get("/inspections/exposure/?format=csv").content.decode()
    assert "1 Good" in csv
    assert "1 Inconsistent quality of service delivery" in csv
    assert page_of(client, "nonsense").status_code == page_of(client, "2025-02-31").status_code == 200


def test_who_is_affected_if_it_fails(client, groups):
    southwark, lewisham = groups
    willow = named("Willow Care Ltd")
    client.force_login(officer(southwark))
    response = client.get(reverse("exposure-owner", args=[willow.uuid]))
    html = response.content.decode()
    assert "If Willow Care Ltd fails, 2 children of ours in 1 home need another home, £2,001 a week." in html
    assert "Lewisham places with it: 8 or more at a home" in html
    place = home()
    with own(southwark):
        mine = {row.uuid for row in Placement.objects.filter(establishment=place, ends_before=None)}
    assert {row.uuid for row in response.context["children"].shown} == mine
    with own(lewisham):
        assert not [row for row in Placement.objects.all() if str(row.uuid) in html]
    earlier = client.get(reverse("exposure-owner", args=[willow.uuid]) + "?on=2024-06-01").content.decode()
    assert "3 children of ours in 2 homes" in earlier
    nobody = client.get(reverse("exposure-owner", args=[named("Pont Housing").uuid])).content.decode()
    assert "no child of ours loses a home" in nobody
    client.force_login(officer(southwark, "steering_member"))
    assert page_of(client).status_code == 403


def test_nothing_yet_a_ring_and_the_number_of_queries(client, groups, greenwich):
    southwark, _ = groups
    client.force_login(officer(greenwich))
    assert "No child of ours lives with a recorded provider today" in page_of(client).content.decode()
    with acting_as(SERVICE, by=BY):  # a mistake in the records: each owns the other
        Ownership.objects.create(
            provider=named_in("Juniper Homes Ltd"), owned=named_in("Willow Care Ltd"), starts_on=date(2020, 1, 1)
        )
    client.force_login(officer(southwark))
    assert sum(row.placements for row in page_of(client).context["table"].shown) == 6
    counts = []
    for extra in (0, 40):
        with acting_as(SERVICE, by=BY):
            made = [
                Provider.objects.create(name=f"Maple {n}", folded_name=f"maple {n}", sector="private")
                for n in range(extra)
            ]
            for n, each in enumerate(made):
                Establishment.objects.create(
                    urn=f"SC8{n:05}", kind="childrens_home", provider=each, listed_at=date(2025, 3, 31)
                )
        for n in range(extra):
            if n % 4 == 0:
                live(southwark, f"SC8{n:05}", 1, starts_on=timezone.localdate() - timedelta(days=9))
        with CaptureQueriesContext(connection) as asked:
            page_of(client)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def named_in(name):
    return Provider.objects.get(name=name)
