"""Purchases in the API: what is told of a child and what never is, and that changes and removals are told."""

import json
from datetime import date
from decimal import Decimal

import pytest

from api.urls import RESOURCES
from commissioning.partnership.models import User
from contracts.actions.cost_lines import set_funding
from contracts.models import (
    AgreementVersion,
    CareStatus,
    Child,
    CostLine,
    DistanceApproval,
    FundingSplit,
    Offer,
    Oversight,
    Placement,
    PlacementMeeting,
)
from contracts.rules.ages import age_on
from tests.contracts.bought import child_of, spot_placement

from .conftest import bearer, officer
from .test_walks import Copy
from .walk import V1, every_answer, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
LISTS = ("referrals", "placements", "agreements", "cost-lines", "funding-splits")
BORN = (b"2012-05-17", b"17 May 2012", b"17/05/2012", b"born_on")


@pytest.fixture
def key(market, southwark):
    return bearer(southwark)


def test_what_is_never_told(client, key, market):
    """Nothing that was written about a child, no date of birth, and nothing of another authority's."""
    told = every_answer(client, key)
    theirs = market.bought["lewisham"]
    hidden = [str(getattr(theirs, name).uuid).encode() for name in vars(theirs)]
    for address, body in told.items():
        assert b"SECRET" not in body, address
        assert not [word for word in BORN if word in body], address
        assert not [word for word in hidden if word in body], address
    for name in LISTS:
        assert str(market.bought["southwark"].placement.uuid).encode() in told[f"{V1}/{name}/"] or name == "referrals"
        for thing in vars(theirs).values():
            assert client.get(f"{V1}/{name}/{thing.uuid}/", headers=key).status_code == 404


def test_a_placement_reads_as_it_stands(client, key, market, southwark):
    ours = market.bought["southwark"]
    with officer(southwark):
        placement, child = Placement.objects.get(), Child.objects.get()
    (row,) = rows(client, f"{V1}/placements/", key)
    said = {name: row[name] for name in row if row[name] is not None and not name.startswith(("changed", "version"))}
    assert said == {
        "id": str(placement.uuid), "number": 1, "child": str(child.uuid), "child_number": 1,
        "birth_month": "2012-05", "age_at_start": 13, "sex": "F", "ethnicity": "BCRB", "disabilities": ["LD", "AUT"],
        "ehcp": True, "care_status": "looked_after", "referral": str(ours.referral.uuid),
        "service_type": "residential", "provider": str(market.alder.uuid), "provider_name": "=Alder Fostering",
        "establishment": str(market.agency.uuid), "urn": "SC000001", "starts_on": "2025-06-02", "respite": False,
        "called_off_on": "2025-06-02", "route": "spot", "spot_reason": "specialist", "registration": "registered",
        "distance_miles": "12.3", "boundary": "out",
        "oversight": [{
            "kind": "unregistered", "starts_on": "2025-04-01", "ends_before": None, "approved_on": "2025-04-01",
            "visit_every_days": None, "last_visited_on": None, "regulator_told_on": None, "exit_by": None,
        }],
        "distance_approvals": [{"reason": "safeguarding", "approved_on": "2025-04-01", "host_told_on": None}],
        "meetings": [{"kind": "planning", "due_on": "2025-04-01", "held_on": None}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "born",
    [
        {"born_on": date(2012, 2, 29)},
        {"born_on": date(2024, 7, 1)},
        {"born_on": date(2012, 6, 3)},
        {"born_on": date(2012, 6, 2)},
        {"born_on": None, "age_recorded": 9, "age_recorded_on": date(2024, 6, 3)},
        {"born_on": None, "age_recorded": 9, "age_recorded_on": date(2027, 1, 1)},
        {"born_on": None},
    ],
)
def test_ages_are_those_of_the_pages(client, key, market, southwark, born):
    with officer(southwark):
        child = child_of(southwark, **born)
        placement = spot_placement(child)
    row = json.loads(client.get(f"{V1}/placements/{placement.uuid}/", headers=key).content)
    recorded = (born["born_on"], born.get("age_recorded"), born.get("age_recorded_on"))
    assert row["age_at_start"] == age_on(placement.starts_on, *recorded)
    assert row["birth_month"] == (f"{born['born_on']:%Y-%m}" if born["born_on"] else None)


def test_an_offer_is_told_with_its_referral(client, key, market, southwark):
    copy = Copy(client, key, f"{V1}/referrals/")
    with officer(southwark):
        offer = Offer.objects.get()
        offer.answer, offer.decline_reason, offer.answered_at = "declined", "no_vacancy", offer.asked_at
        offer.save()
    (told,) = copy.refresh()
    assert [(each["answer"], each["decline_reason"]) for each in told["offers"]] == [("declined", "no_vacancy")]
    with officer(southwark):
        offer.delete()
    (told,) = copy.refresh()
    assert told["offers"] == []
    assert copy.is_exact()
    assert copy.refresh() == []


def test_removals_are_told(client, key, market, southwark, lewisham):
    """A placement taken away takes its lines and splits along: each leaves a removal, for its own authority alone."""
    copies = {name: Copy(client, key, f"{V1}/{name}/") for name in ("placements", "cost-lines", "funding-splits")}
    theirs = {name: Copy(client, bearer(lewisham), f"{V1}/{name}/") for name in copies}
    with officer(southwark):
        ours = market.bought["southwark"]
        CostLine.objects.get(pk=ours.extra.pk).delete()
        extra = str(ours.extra.uuid)
        other = spot_placement(child_of(southwark))
        gone = str(other.uuid)
    assert [row["id"] for row in copies["cost-lines"].refresh() if row.get("deleted")] == [extra]
    assert gone in {row["id"] for row in copies["placements"].refresh()}
    with officer(southwark):
        Placement.objects.get(pk=other.pk).delete()
        CostLine.objects.get(pk=ours.line.pk).delete()
    assert [(row["id"], row["removes"]) for row in copies["placements"].refresh()] == [(gone, "row")]
    assert [row["id"] for row in copies["cost-lines"].refresh()] == [str(ours.line.uuid)]
    assert {row["removes"] for row in copies["funding-splits"].refresh()} == {"row"}
    assert all(copy.is_exact() for copy in copies.values())
    assert all(copy.refresh() == [] for copy in theirs.values())


def test_what_hangs_on_a_placement_is_told_with_it(client, key, market, southwark):
    copy = Copy(client, key, f"{V1}/placements/")
    changes = (
        lambda: Oversight.objects.update(last_visited_on=date(2026, 1, 1)),
        lambda: DistanceApproval.objects.update(host_told_on=date(2026, 1, 1)),
        lambda: PlacementMeeting.objects.update(held_on=date(2026, 1, 1)),
        lambda: Child.objects.update(ethnicity="MWBC"),
        lambda: CareStatus.objects.update(status="care_leaver"),
        lambda: CareStatus.objects.all().delete(),
    )
    for change in changes:
        with officer(southwark):
            change()
        assert len(copy.refresh()) == 1
        assert copy.is_exact()
    assert copy.refresh() == []


def test_funding_and_filters(client, key, market, southwark):
    ours = market.bought["southwark"]
    copy = Copy(client, key, f"{V1}/funding-splits/")
    with officer(southwark):
        set_funding(line=CostLine.objects.get(pk=ours.line.pk), by=None, parts={"social_care": (Decimal("4200.35"), 0)})
    copy.refresh()
    assert [(row["funder"], row["weekly_amount"], row["cost_line"]) for row in copy.held.values()] == [
        ("social_care", "4200.3500", str(ours.line.uuid))
    ]
    with officer(southwark):
        assert FundingSplit.objects.count() == 1

    def count(asked):
        return len(rows(client, f"{V1}/{asked}", key))

    assert count("cost-lines/?category=additional") == count("cost-lines/?in_force_on=2026-01-01") == 1
    assert count(f"cost-lines/?placement={ours.placement.uuid}") == 2
    assert count("placements/?open_on=2025-06-02") == count("placements/?route=spot&spot_reason=specialist") == 1
    assert count("placements/?route=framework") == count("placements/?starts_until=2025-06-01") == 0
    assert count(f"referrals/?child={ours.child.uuid}&open=true") == count("agreements/?number=1") == 1


def test_an_agreement_says_what_was_saved(client, key, market):
    (row,) = rows(client, f"{V1}/agreements/", key)
    assert (row["price_asked"], row["price_agreed"], row["included"]) == ("4500.0000", "4200.3500", ["rent"])
    assert row["staying_put"] == "absence"
    assert [(each["kind"], each["weekly_amount"]) for each in row["benefits"]] == [("avoided", "299.6500")]


def test_who_reads_no_child_reads_none_here(client, market, southwark):
    with officer(southwark):
        member = User.objects.create_user("s@southwark.example", "x" * 16, role="steering_member", authority=southwark)
        contact = User.objects.create_user("a@alder.example", "x" * 16, role="provider_contact", provider=market.alder)
    client.force_login(member)
    assert {client.get(f"{V1}/{name}/").status_code for name in LISTS} == {403}
    assert client.get(f"{V1}/spend/").status_code == 200
    client.force_login(contact)
    assert {client.get(f"{V1}/{name}/").status_code for name in (*LISTS, "spend")} == {403}


def test_a_version_never_leaves_a_removal(client, key, market, southwark):
    """Agreements are kept by the database: there is nothing that a delta could take away."""
    assert AgreementVersion.immutable
    assert {resource.name for resource in RESOURCES} >= set(LISTS)
    copy = Copy(client, key, f"{V1}/agreements/")
    assert copy.refresh() == []
