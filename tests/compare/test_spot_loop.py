"""Spot to framework: every purchase in one class and every premium as the oracle has them; whom to invite; the page."""

import csv
import io
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissioning.compare.measures.benchmark import newest_release
from commissioning.compare.measures.own import own_figures
from commissioning.compare.measures.spot_loop import premiums, sellers, spot_loop
from commissioning.compare.rules.spot_loop import CLASSES, Asked, best_offer, class_of, premium
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Lot
from contracts.actions.referrals import ask_providers, choose_offer, close_referral, open_referral, record_answer
from contracts.measures.spend import spend_rows
from contracts.models import Offer, Placement
from providers.actions.award_place import award_place
from providers.models import Award, Provider
from tests.compare import oracle_spot_loop as oracle
from tests.compare.oracle_spot_loop import Bought, Offered
from tests.compare.released import publish
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly

database = pytest.mark.django_db(databases=["default", "owner"])
committed = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
D = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


# The rules alone


def asked(**facts) -> Asked:
    given = {"framework": True, "asked_on": D, "answer": "offered", "answered_on": D, "suitable": True}
    return Asked(**given | facts)


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        (None, "unknown"),
        ([], "unknown"),
        ([asked(framework=False)], "not_asked"),
        ([asked(asked_on=D + timedelta(days=1))], "not_asked"),
        ([asked(answer="", answered_on=None, suitable=None)], "none_offered"),
        ([asked(answer="declined", suitable=None)], "none_offered"),
        ([asked(answer="withdrawn")], "none_offered"),
        ([asked(suitable=False)], "none_offered"),
        ([asked(answered_on=D + timedelta(days=1))], "none_offered"),
        ([asked(available_on=D + timedelta(days=4))], "none_offered"),
        ([asked(available_on=D + timedelta(days=3))], "not_taken"),
        ([asked()], "not_taken"),
        ([asked(suitable=None), asked()], "not_taken"),
        ([asked(suitable=None), asked(suitable=False)], "unknown"),
        ([asked(chosen=True)], "unknown"),
        ([asked(chosen=True), asked()], "not_taken"),
        ([asked(framework=False), asked(answer="declined", suitable=None)], "none_offered"),
    ],
)
def test_each_class_at_its_edge(log, kind):
    assert class_of(log, D, D + timedelta(days=3)) == kind
    assert kind in CLASSES


def test_the_premium_is_over_the_cheapest_suitable_offer_and_never_below_nought():
    log = [asked(weekly_amount=Decimal(900)), asked(weekly_amount=Decimal(850)),
           asked(weekly_amount=Decimal(100), suitable=False), asked(weekly_amount=Decimal(90), framework=False),
           asked()]  # fmt: skip
    assert best_offer(log, D, D) == 850
    assert best_offer([asked()], D, D) is best_offer(None, D, D) is None
    assert premium(Decimal(950), Decimal(850), 10) == Decimal("142.86")
    assert premium(Decimal(850), Decimal(850), 10) == premium(Decimal(800), Decimal(850), 10) == 0
    assert premium(None, Decimal(850), 10) == premium(Decimal(850), None, 10) == 0


# Against the oracle


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def made_up(n: int, seed: int) -> list[Bought]:
    dice = random.Random(seed)
    found = []
    for _ in range(n):
        called_off = TODAY - timedelta(days=dice.randrange(1, 360))
        starts = called_off + timedelta(days=dice.randrange(-20, 8))
        ends = starts + timedelta(days=dice.randrange(1, 200))
        price = Decimal(dice.randrange(70000, 130000)) / 100 if dice.random() < 0.9 else None
        home = Bought(called_off, starts, ends if ends <= TODAY and dice.random() < 0.5 else None, price,
                      dice.random() < 0.85)  # fmt: skip
        for place in dice.sample((True, True, True, False, False), dice.randrange(5)):
            day = called_off + timedelta(days=dice.choice((-9, -5, -2, 0, 1)))
            each = Offered(place, day, dice.choice(("", "offered", "offered", "offered", "declined", "withdrawn")))
            if each.answer:
                each.answered = day + timedelta(days=dice.choice((0, 0, 0, 1, 3)))
            if each.answer == "offered":
                each.suitable = dice.choice((True, True, False, None))
                each.amount = Decimal(dice.randrange(60000, 120000)) / 100 if dice.random() < 0.8 else None
                each.free = starts + timedelta(days=dice.choice((-3, 0, 2))) if dice.random() < 0.4 else None
            home.asked.append(each)
        found.append(home)
    return found


@pytest.fixture
def sides(cast):
    """Providers with a place on a lot that Southwark may call off, and providers without: two with none at all, and
    one with a place on the lot of a framework in which it takes no part."""
    world = cast.world
    with acting_as(Viewer.of_service("tests"), by=BY):
        outsider = Provider.objects.create(name="Outsider Ltd", folded_name="outsider")
    with acting_as(Viewer.of_authority(world.lewisham.pk), by=BY):
        award_place(lot=Lot.objects.get(framework=world.pair), provider=outsider, starts_on=date(2024, 4, 1), by=BY)
    with cast.acting("placements_officer"):
        inside = [award.provider for award in Award.objects.filter(lot=world.lot(world.shared)).order_by("pk")]
    return {True: inside, False: [cast.provider, cast.rival, outsider]}


def enter(authority, sides, homes: list[Bought]) -> list[Placement]:
    """By the actions that pages use."""
    found = []
    for home in homes:
        child, referral = child_of(authority, born_on=date(2017, 5, 1)), None
        first = min([home.called_off, *(each.asked for each in home.asked)])
        if home.search:
            referral = open_referral(
                child=child, needed_by=TODAY, urgency="planned", in_house_tried="no", service_type="fostering", by=BY,
                now=noon(first),
            )  # fmt: skip
            log(referral, sides, home)
        placed = spot_placement(
            child, home.starts, service_type="fostering", called_off_on=home.called_off, ends_before=home.ends,
            referral=referral, provider=sides[False][0], spot_reason="emergency",
        )  # fmt: skip
        if home.price is not None:
            weekly(placed, str(home.price))
        found.append(placed)
    return found


def log(referral, sides, home: Bought) -> None:
    used = {True: 0, False: 0}
    for each in home.asked:
        provider = sides[each.place][used[each.place]]
        used[each.place] += 1
        (offer,) = ask_providers(referral=referral, providers=[provider], by=BY, now=noon(each.asked))
        if each.answer:
            record_answer(
                offer=offer, version=offer.version, answer=each.answer, answered_at=noon(each.answered), by=BY,
                now=noon(TODAY + timedelta(days=9)), suitable=each.suitable, weekly_amount=each.amount,
                available_on=each.free, decline_reason="needs" if each.answer == "declined" else "",
            )  # fmt: skip


@database
def test_every_purchase_is_the_oracles(cast, sides):
    homes = made_up(70, 20260420)
    with cast.acting("placements_officer"):
        placed = enter(cast.authority, sides, homes)
        found = spot_loop(TODAY)
        told = {each.placement.pk: each for each in found.purchases}
        for home, placement in zip(homes, placed, strict=True):
            mine = told.pop(placement.pk)
            expected = (oracle.class_of(home), oracle.premium(home, TODAY), len(oracle.nights(home, TODAY)))
            assert (mine.kind, mine.premium, mine.nights) == expected, home
        assert told == {}
        assert min(found.counts.values()) > 0
        assert sum(found.counts.values()) == len(homes)
        assert found.premium == sum(oracle.premium(home, TODAY) for home in homes) > 0
        assert sum(quarter.premium for quarter in found.quarters) == found.premium
        assert sum(quarter.purchases for quarter in found.quarters) == len(homes)
        assert all(quarter.premium >= 0 for quarter in found.quarters)
        expected = sum(home.price is None or all(each.amount is None for each in suitable(home)) for home in homes
                       if oracle.class_of(home) == "not_taken")  # fmt: skip
        assert found.unpriced == expected


def suitable(home: Bought) -> list[Offered]:
    return [each for each in home.asked if oracle.class_of(Bought(
        home.called_off, home.starts, None, None, True, [each])) == "not_taken"]  # fmt: skip


@database
def test_the_lot_asked_in_the_log_counts_and_only_twelve_months_do(cast, sides):
    lot = cast.world.lot(cast.world.shared)
    with cast.acting("placements_officer"):
        child = child_of(cast.authority)
        referral = open_referral(
            child=child, needed_by=TODAY, urgency="planned", in_house_tried="no", service_type="fostering", by=BY,
            now=noon(D), lots=[lot],
        )  # fmt: skip
        offer = Offer.objects.filter(referral=referral).order_by("pk").first()
        record_answer(offer=offer, version=1, answer="offered", answered_at=noon(D), by=BY, now=noon(D), suitable=True,
                      weekly_amount=Decimal(700))  # fmt: skip
        close_referral(referral=referral, version=referral.version, outcome="withdrawn", by=BY, now=noon(D))
        weekly(spot_placement(child, D, service_type="fostering", referral=referral), "770.00")
        for days in (0, 364, 365):  # 20 April 2025 is a day too early: the window is the twelve months to today
            spot_placement(child_of(cast.authority), TODAY - timedelta(days=days))
        framework_placement(child_of(cast.authority), Award.objects.filter(lot=lot).first(), D)
        found = spot_loop(TODAY)
        assert found.counts == {"not_asked": 0, "none_offered": 0, "not_taken": 1, "unknown": 2}
        assert found.window.first == date(2025, 4, 21)
        (one,) = found.of("not_taken")
        assert (one.paid, one.offered, one.premium, one.places) == (770, 700, 490, 3)


@database
def test_a_chosen_framework_offer_is_no_spot_purchase_that_could_be_avoided(cast, sides):
    with cast.acting("placements_officer"):
        child = child_of(cast.authority)
        referral = open_referral(child=child, needed_by=TODAY, urgency="planned", in_house_tried="no", by=BY,
                                 service_type="fostering", now=noon(D), providers=[sides[True][0]])  # fmt: skip
        offer = Offer.objects.get(referral=referral)
        offer = record_answer(offer=offer, version=1, answer="offered", answered_at=noon(D), by=BY, now=noon(D),
                              suitable=True, weekly_amount=Decimal(700))  # fmt: skip
        choose_offer(referral=referral, version=1, offer=offer, chosen_why="The only one", by=BY, now=noon(D))
        weekly(spot_placement(child, D, service_type="fostering", referral=referral), "770.00")
        assert spot_loop(TODAY).counts["unknown"] == 1


@database
def test_queries_do_not_grow_with_the_purchases(cast, sides):
    counts = []
    for seed in (1, 2):
        with cast.acting("placements_officer"):
            enter(cast.authority, sides, made_up(12, seed))
        with cast.acting("placements_officer"), CaptureQueriesContext(connection) as made:
            sellers(spot_loop(TODAY))
        counts.append(len(made))
    assert counts[0] == counts[1] <= 24


@database
def test_whom_to_invite_comes_by_what_we_paid(cast, sides):
    inside, outside = sides[True][1], sides[False][2]
    with cast.acting("placements_officer"):
        for provider, price in ((inside, "500.00"), (outside, "2000.00"), (outside, "3000.00")):
            weekly(spot_placement(child_of(cast.authority), provider=provider), price)
        weekly(spot_placement(child_of(cast.authority), provider_name="Somebody new"), "1000.00")
        gone = spot_placement(child_of(cast.authority), date(2024, 6, 3), ends_before=date(2025, 4, 21))
        weekly(gone, "9000.00")  # its last night lies before the twelve months
        found = sellers(spot_loop(TODAY))
        assert [each.name for each in found] == ["Outsider Ltd", "Somebody new", inside.name]
        spent = {row.key[0]: row.gross for row in spend_rows(first=date(2025, 4, 21), until=date(2026, 4, 21),
                                                             by=("provider",))}  # fmt: skip
        assert [each.spent for each in found] == [spent[outside.pk], spent[None], spent[inside.pk]]
        assert [(each.homes, each.open) for each in found] == [(2, 2), (1, 1), (1, 1)]
        assert [each.lots for each in found] == [
            ("SEMI-TEST Lot 1: General",), (), ("IFA-TEST Lot 1: General", "SEMI-TEST Lot 1: General"),
        ]  # fmt: skip
        assert [each.provider for each in found] == [outside, None, inside]


# The page


def page(cast, role="placements_officer", query="", **who):
    client = Client()
    client.force_login(cast.person(role, **who))
    return client.get(f"{reverse('benchmarks-spot')}{query}")


def small(price="1000.00") -> list[Bought]:
    called = date(2026, 2, 2)
    suits = Offered(True, called, "offered", called, True, Decimal(930))
    return [
        Bought(called, called, None, Decimal(price), True, [Offered(False, called)]),
        Bought(called, called, None, Decimal(price), True, [Offered(True, called, "declined", called)]),
        Bought(called, called, None, Decimal(price), True, [suits]),
        *(Bought(called, called, None, Decimal(price), False) for _ in range(2)),
    ]


@database
def test_the_first_line_gives_the_answer_and_leads_to_the_homes(cast, sides):
    with cast.acting("placements_officer"):
        placed = enter(cast.authority, sides, small())
    told = page(cast).content.decode()
    lede = " ".join(told.partition("<h1")[2].split())
    assert "5 spot purchases in the last twelve months:" in lede
    for kind, words in (("not_asked", "1 not asked"), ("none_offered", "1 none offered"),
                        ("not_taken", "1 suitable offer not taken"), ("unknown", "2 not recorded")):  # fmt: skip
        assert f'href="?class={kind}#homes">{words}</a>' in lede
    assert "would have cost £770 less so far" in lede  # 77 nights at £70 a week
    one = page(cast, query="?class=not_taken").content.decode()
    assert reverse("placement", args=[placed[2].uuid]) in one
    assert reverse("placement", args=[placed[0].uuid]) not in one
    lines = list(csv.DictReader(io.StringIO(page(cast, query="?format=csv").content.decode("utf-8-sig"))))
    assert [line["premium"] for line in lines if line["premium"]] == ["770.00"]
    assert len(lines) == 5
    quarters = page(cast, query="?list=quarters&format=csv").content.decode("utf-8-sig")
    assert sum(Decimal(line["premium"]) for line in csv.DictReader(io.StringIO(quarters))) == 770
    assert page(cast, query="?list=invite&format=xlsx").content[:2] == b"PK"


@database
def test_homes_are_listed_for_who_may_read_placements(cast, sides):
    with cast.acting("placements_officer"):
        placed = enter(cast.authority, sides, small())
    for role in ("steering_member", "authority_administrator"):
        told = page(cast, role).content.decode()
        assert "2 not recorded" in told
        assert "#homes" not in told
        assert not any(str(home.uuid) in told for home in placed)
        for query in ("?format=csv", "?list=purchases&format=csv"):
            got = page(cast, role, query).content.decode()
            assert "Placement" not in got
            assert "Child" not in got
    assert page(cast, "provider_contact").status_code == 403
    other = page(cast, stranger=True).content.decode()
    assert "has bought no home spot in the last twelve months" in other
    assert "Nothing was bought spot" in other


@committed
def test_the_partnerships_premium_is_of_two_published_means_or_withheld(cast):
    def mean(service, route, amount):
        return {"cut": "service_route", "service_type": service, "route": route, "n": 10,
                "mean": amount and Decimal(amount), "median": amount and Decimal(amount)}  # fmt: skip

    publish(cast, [
        mean("residential", "spot", "5200"), mean("residential", "framework", "4700"),
        mean("fostering", "spot", "1400"), mean("fostering", "framework", None),
        mean("supported", "framework", "900"), mean("school", "spot", "3000"),
    ])  # fmt: skip
    with cast.acting("placements_officer"):
        for price in ("5000.00", "5500.00"):
            weekly(spot_placement(child_of(cast.authority)), price)
    with cast.acting("placements_officer"):
        found = {each.service: each for each in premiums(newest_release(), own_figures(TODAY))}
        assert {service: each.partnership for service, each in found.items()} == {
            "residential": 500, "fostering": None, "school": None,
        }  # fmt: skip
        assert found["residential"].ours["spot"].mean == 5250
        assert found["residential"].our_premium is None  # none of ours was bought from a framework
    told = page(cast).content.decode()
    assert "+500" in told
    assert told.count("app-withheld") == 4  # fostering: framework and difference; school: both; never a blank
