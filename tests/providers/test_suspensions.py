"""Suspensions as officers meet them: made, shown wherever the thing is, decided on, extended, lifted, expired; and no
framework placement or question to the provider meanwhile, unless somebody says why."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contracts.models import Offer, Placement, Referral
from providers.models import Award, Establishment, Suspension, SuspensionDecision
from providers.rules.suspensions import bars, state
from tests.contracts.sending import framework as framework_row
from tests.contracts.sending import load, remarks
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.partnership.telling import announced
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)
NEW = "/providers/suspensions/new/"
LIST = "/providers/suspensions/"
NAMES = [f"Invented Provider {n} Ltd" for n in (1, 2, 3)]
WHY = {"reason": "safeguarding", "words": "Two alarms were off", "lifts_when": "A visit that finds them on"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


@pytest.fixture
def placer(cast):
    return signed_in(cast.person("placements_officer"))


def award_of(cast, name=NAMES[0]):
    with own(cast.authority):
        return Award.objects.select_related("provider", "lot").get(framework=cast.world.shared, provider__name=name)


def suspended(officer, what, uuid, **more):
    """Made by its form, as an officer does."""
    said = WHY | day("starts_on", TODAY) | more
    answer = officer.post(f"{NEW}?{what}={uuid}", said)
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def placing(cast, placer, name=NAMES[0], child="LCS-1", starts_on=TODAY, **more):
    """A framework placement recorded by the form."""
    said = {
        "child": child, "award": str(award_of(cast, name).uuid), "service_type": "fostering",
        "registration": "registered", **day("starts_on", starts_on),
    } | more  # fmt: skip
    return placer.post("/placements/new/?how=lot", said)


def test_what_a_suspension_bars():
    """Independent of the code: every decision, both kinds of purchase."""
    expected = {
        ("", True): True, ("", False): False, ("follow", True): True, ("follow", False): True,
        ("case", True): True, ("case", False): True, ("not_follow", True): False, ("not_follow", False): False,
    }  # fmt: skip
    assert {(said, kind): bars(said, framework=kind) for said, kind in expected} == expected
    begun = date(2026, 4, 1)
    assert state(begun, None, None, date(2026, 3, 31)) == "planned"
    assert state(begun, None, None, begun) == "in_force"
    assert state(begun, TODAY, None, date(2026, 4, 19)) == "in_force"
    assert state(begun, TODAY, None, TODAY) == "expired"
    assert state(begun, None, TODAY, date(2026, 4, 19)) == "in_force"
    assert state(begun, TODAY, date(2026, 4, 10), TODAY) == "lifted"


def test_a_provider_is_suspended_and_every_page_says_so(cast, officer, placer):
    award = award_of(cast)
    refused = officer.post(f"{NEW}?provider={award.provider.uuid}", {"words": "Something I typed"})
    assert "Choose why it is suspended" in text(refused)
    assert "Something I typed" in refused.content.decode()
    before = officer.post(
        f"{NEW}?provider={award.provider.uuid}", WHY | day("starts_on", TODAY) | day("expires_on", date(2026, 4, 10))
    )
    assert "It would expire before it starts" in text(before)
    page = suspended(officer, "provider", award.provider.uuid, **day("expires_on", date(2026, 4, 30)))
    said = text(officer.get(page))
    assert "No new placements until 30 April 2026: safeguarding." in said
    assert "It is not a restriction by the regulator" in said
    assert "closes nothing" in said
    twice = officer.post(f"{NEW}?provider={award.provider.uuid}", WHY | day("starts_on", TODAY))
    assert "has suspended this already" in text(twice)
    for address in (
        f"/providers/{award.provider.uuid}/", f"/lots/{award.lot.uuid}/", LIST,
        f"/providers/{award.provider.uuid}/awards/",
    ):  # fmt: skip
        shown = text(officer.get(address))
        assert "uspended" in shown, address
        assert page in officer.get(address).content.decode(), address
    assert "is suspended until 30 April 2026 (Safeguarding)" in text(placer.get("/placements/new/?how=lot"))
    assert "is suspended until 30 April 2026 (Safeguarding)" in text(placer.get("/referrals/new/"))
    other = signed_in(cast.person("quality_officer", stranger=True))
    assert "we have not decided: we follow it" in text(other.get(f"/providers/{award.provider.uuid}/"))
    assert other.get(f"{page}lift/").status_code == 403
    assert other.get(f"{page}extend/").status_code == 403
    with own(cast.authority):
        row = Suspension.objects.get()
        assert SuspensionDecision.objects.get().decision == "follow"
    assert row.suspended_by == cast.person("quality_officer")


def test_no_framework_placement_while_it_stands_unless_somebody_says_why(cast, officer, placer):
    award = award_of(cast)
    page = suspended(officer, "provider", award.provider.uuid)
    refused = placing(cast, placer)
    assert refused.status_code == 200
    assert "is suspended (Safeguarding). Choose another home, or say why this one all the same" in text(refused)
    assert "LCS-1" in refused.content.decode()
    # Another provider's place on the same lot, and a purchase agreed before the suspension, are as before.
    assert placing(cast, placer, NAMES[1], "LCS-2").status_code == 302
    earlier = day("called_off_on", date(2026, 4, 17))
    assert placing(cast, placer, child="LCS-3", **earlier).status_code == 302
    reason = "Her sister lives there"
    made = placing(cast, placer, override_reason=reason)
    assert made.status_code == 302
    shown = text(placer.get(made["Location"]))
    assert "Suspended when it was agreed" in shown
    assert reason in shown
    assert f"Why: {reason}" in shown
    mine = text(officer.get(page))
    assert reason in mine
    assert "Our placements agreed while it stood" in mine
    assert "Child 3" in mine
    assert "Child 1" not in mine
    assert "Child 2" not in mine
    other = text(signed_in(cast.person("quality_officer", stranger=True)).get(page))
    assert reason not in other
    assert "Child 3" not in other
    contact = signed_in(cast.person("provider_contact"))
    assert contact.get(page).status_code == 404


@pytest.mark.parametrize(("decision", "spot_too", "framework_too"), [
    ("not_follow", False, False), ("case", True, True), ("follow", True, True), ("", False, True),
])  # fmt: skip
def test_each_authority_decides_for_itself(cast, officer, decision, spot_too, framework_too):
    """Lewisham decides of Southwark's suspension; its own purchases alone follow from it."""
    award = award_of(cast)
    page = suspended(officer, "provider", award.provider.uuid)
    quality = signed_in(cast.person("quality_officer", stranger=True))
    placer = signed_in(cast.person("placements_officer", stranger=True))
    if decision:
        if decision != "follow":
            assert "Say why: every member reads it" in text(quality.post(f"{page}decide/", {"decision": decision}))
        assert quality.post(f"{page}decide/", {"decision": decision, "words": "Seen on Monday"}).status_code == 302
        assert "Seen on Monday" in text(officer.get(page)) or decision == "follow"
    assert len(announced()) == (2 if decision else 1)
    bought = placing(cast, placer)
    assert (bought.status_code == 200) == framework_too, text(bought)
    spot = placer.post("/placements/new/?how=spot", {
        "child": "LCS-9", "provider": NAMES[0], "spot_reason": "specialist", "service_type": "fostering",
        "registration": "registered", **day("starts_on", TODAY),
    })  # fmt: skip
    assert (spot.status_code == 200) == spot_too, text(spot)
    # Southwark follows its own, whatever Lewisham does.
    assert placing(cast, signed_in(cast.person("placements_officer"))).status_code == 200


def test_nobody_suspended_is_asked_in_a_search(cast, officer, placer):
    lot = str(cast.world.lot(cast.world.shared).uuid)
    typed = {
        "child": "LCS-1", **day("needed_by", date(2026, 4, 21)), "urgency": "planned", "in_house_tried": "yes",
        "service_type": "fostering",
    }  # fmt: skip
    suspended(officer, "provider", award_of(cast).provider.uuid)
    suspended(officer, "award", award_of(cast, NAMES[1]).uuid)
    answer = text(placer.post("/referrals/new/", typed | {"lots": [lot]}, follow=True))
    assert "1 provider is recorded as asked. Not asked: Invented Provider 1 Ltd is suspended" in answer
    with own(cast.authority):
        search = Referral.objects.get()
        assert [row.provider.name for row in Offer.objects.select_related("provider")] == [NAMES[2]]
    ask = f"/referrals/{search.uuid}/ask/"
    assert "Leave it out, or say why it is asked" in text(placer.post(ask, {"providers": NAMES[0]}))
    # A place on a lot that is suspended keeps nobody from asking its provider outside the lot.
    assert placer.post(ask, {"providers": NAMES[1]}).status_code == 302
    assert (
        placer.post(ask, {"providers": NAMES[0], "override_reason": "Keeps the brothers together"}).status_code == 302
    )
    shown = text(placer.get(f"/referrals/{search.uuid}/"))
    assert "Why: Keeps the brothers together" in shown
    assert "Suspended" in shown
    suspended(officer, "provider", award_of(cast, NAMES[2]).provider.uuid)
    everybody = placer.post("/referrals/new/", typed | {"child": "LCS-2", "lots": [lot]})
    assert "is suspended. Name another provider, or say why they are asked" in text(everybody)


def test_a_home_or_a_place_is_suspended_by_itself(cast, officer, placer):
    award = award_of(cast)
    with own(cast.authority):
        homes = [
            Establishment.objects.create(
                urn=f"SC90000{n}", kind="fostering_agency", name=f"Agency {n}", provider=award.provider
            )
            for n in (1, 2)
        ]
    page = suspended(officer, "home", homes[0].uuid)
    assert "Agency 1 of Invented Provider 1 Ltd" in text(officer.get(page))
    assert page in officer.get(f"/providers/establishments/{homes[0].uuid}/").content.decode()
    assert page not in officer.get(f"/providers/establishments/{homes[1].uuid}/").content.decode()
    made = placing(cast, placer)
    assert made.status_code == 302  # which home is not known: the provider is not suspended
    with own(cast.authority):
        read = {"version": str(Placement.objects.get().version), "registration": "registered"}
    change = f"{made['Location']}change/"  # nor is the home put in afterwards, without a word
    told = read | {"establishment": str(homes[0].uuid)}
    assert "Agency 1 of Invented Provider 1 Ltd is suspended (Safeguarding)" in text(placer.post(change, told))
    assert placer.post(change, read | {"establishment": str(homes[1].uuid)}).status_code == 302
    with own(cast.authority):
        told["version"] = str(Placement.objects.get().version)
    assert placer.post(change, told | {"reason": "It was agreed with this home"}).status_code == 302
    rows = [
        framework_row("P-1", "C-1", URN=homes[0].urn, **{"Start date": "20/04/2026"}),
        framework_row("P-2", "C-2", URN=homes[1].urn, **{"Start date": "20/04/2026"}),
        framework_row("P-3", "C-3", URN=homes[0].urn, **{"Start date": "19/04/2026"}),
    ]
    run = load(cast.world, *rows)
    assert (run.rows_accepted, run.rows_rejected) == (3, 0)
    with own(cast.authority):
        noted = list(
            run.importremarks.filter(outcome="noted", says__contains="suspended").values_list("row", flat=True)
        )
        assert noted == [2]
        assert Placement.objects.count() == 4
    assert "taken as sent" in remarks(run, own(cast.authority), "noted")
    # The place on the lot: the other lot's, or a spot purchase, are not covered.
    suspended(officer, "award", award.uuid)
    assert placing(cast, placer, child="LCS-7").status_code == 200
    foreign = officer.post(f"{NEW}?award={_pair_award(cast).uuid}", WHY | day("starts_on", TODAY))
    assert "takes no part in that framework" in text(foreign)


def _pair_award(cast):
    with own(cast.other):
        return Award.objects.filter(framework=cast.world.pair).first()


def test_it_is_extended_lifted_and_ends_by_itself(cast, officer, placer, clock):
    award = award_of(cast)
    page = suspended(officer, "provider", award.provider.uuid, **day("expires_on", date(2026, 4, 30)))
    with own(cast.authority):
        first = row = Suspension.objects.get()
    read = {"version": str(row.version)}
    said = text(officer.post(f"{page}extend/", read | day("expires_on", date(2026, 5, 31))))
    assert "Say why the last day changes" in said
    sent = read | day("expires_on", date(2026, 5, 31)) | {"why": "The visit is on 20 May"}
    assert officer.post(f"{page}extend/", sent).status_code == 302
    assert "Somebody else changed this" in text(officer.post(f"{page}lift/", read | {"why": "Seen"}))

    def back(moment):
        clock.move_to(timezone.make_aware(moment))
        officer.force_login(cast.person("quality_officer"))
        placer.force_login(cast.person("placements_officer"))

    back(datetime(2026, 5, 31, 12))
    assert placing(cast, placer, starts_on=date(2026, 5, 31)).status_code == 200
    back(datetime(2026, 6, 1, 12))
    assert placing(cast, placer, starts_on=date(2026, 6, 1)).status_code == 302  # it ended by itself
    assert "It ended by itself: its last day was 31 May 2026" in text(officer.get(page))
    assert "uspend this provider" in text(officer.get(f"/providers/{award.provider.uuid}/"))
    assert page not in officer.get(f"/providers/{award.provider.uuid}/").content.decode()
    assert "This suspension is over" in text(officer.post(f"{page}decide/", {"decision": "case", "words": "x"}))
    again = suspended(officer, "provider", award.provider.uuid, **day("starts_on", date(2026, 6, 1)))
    with own(cast.authority):
        row = Suspension.objects.get(lifted_on=None, expires_on=None)
    assert placing(cast, placer, child="LCS-2", starts_on=date(2026, 6, 1)).status_code == 200
    lifted = {"version": str(row.version), "why": "The visit of 20 May found them on"}
    assert officer.post(f"{again}lift/", lifted).status_code == 302
    assert placing(cast, placer, child="LCS-2", starts_on=date(2026, 6, 1)).status_code == 302
    # To webhooks, once each: made and extended; the second, made and lifted. What was refused told nothing.
    told = [("suspension.changed", "suspensions", each) for each in (first.uuid, first.uuid, row.uuid, row.uuid)]
    assert announced() == told
    shown = text(officer.get(f"{LIST}?which=all"))
    assert "Lifted" in shown
    assert "Expired" in shown
    assert "Nothing is suspended today" in text(officer.get(LIST))


def test_the_list_as_files_and_its_queries(cast, officer):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert officer.get(LIST).status_code == 200
        return len(seen)

    def add(count):
        with own(cast.authority):
            for _ in range(count):
                Suspension.objects.create(
                    authority=cast.authority, provider=cast.provider, starts_on=TODAY, **WHY
                )  # fmt: skip

    assert "Suspend from its page" in text(officer.get(LIST))
    add(5)
    few = cost()
    add(45)
    assert cost() == few
    assert len(rows_of(officer.get(f"{LIST}?format=csv"))) == 50
    assert officer.get(f"{LIST}?format=xlsx").status_code == 200
    contact = signed_in(cast.person("provider_contact"))
    assert len(rows_of(contact.get(f"{LIST}?format=csv"))) == 50
    assert "Nothing is suspended" in text(signed_in(cast.person("provider_contact", stranger=True)).get(LIST))
    assert "more suspensions stand" in text(officer.get(f"/providers/{cast.provider.uuid}/"))
