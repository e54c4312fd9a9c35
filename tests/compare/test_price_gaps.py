"""Same provider, different price: every total as the oracle has it, nothing of others but the release, and what was
decided."""

import csv
import io
import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissioning.compare.actions.price_decisions import decide_price
from commissioning.compare.measures.benchmark import newest_release
from commissioning.compare.measures.own import own_figures
from commissioning.compare.measures.price_decisions import cashable
from commissioning.compare.measures.price_gaps import price_gaps
from commissioning.compare.models import PriceDecision
from commissioning.kernel.periods import FinancialYear
from contracts.actions.cost_lines import replace_cost_line
from contracts.actions.placements import record_placement
from contracts.actions.watch import add_oversight, plan_meeting
from contracts.measures.benefits import saved, totals
from contracts.models import CostLine, Placement
from providers.models import Award
from tests.compare.oracle_price_gaps import Made
from tests.compare.oracle_price_gaps import totals as oracle
from tests.compare.released import of_provider, publish
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, weekly
from tests.contracts.samples_agreements import agreed, with_statements

committed = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
MEDIANS = {0: Decimal(800), 1: Decimal(900)}  # the third provider's is withheld
LEVELS = {"enhanced": Decimal(1000)}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


# Against the oracle


def made_up(n: int, seed: int) -> list[Made]:
    dice = random.Random(seed)
    found = []
    for _ in range(n):
        kind = dice.choice(("stability", "disruption", "planning"))
        found.append(Made(
            provider=dice.randrange(3), core=Decimal(dice.randrange(60000, 120000)) / 100,
            level=dice.choice(("standard", "enhanced", "")),
            additional=Decimal(dice.randrange(1000, 30000)) / 100 if dice.random() < 0.4 else Decimal(0),
            planned_end_on=TODAY + timedelta(days=dice.randrange(-40, 500)) if dice.random() < 0.5 else None,
            notice=dice.random() < 0.1, earlier=dice.choice((0, 0, 0, 1, 2)), order=dice.random() < 0.1,
            meeting=(kind, dice.choice((None, TODAY - timedelta(days=dice.randrange(5, 400)))))
            if dice.random() < 0.3 else None,
        ))  # fmt: skip
    return found


def enter(authority, awards, homes: list[Made]) -> list[Placement]:
    """By the actions that pages use."""
    found = []
    for home in homes:
        child = child_of(authority, born_on=date(2017, 5, 1))
        start = date(2025, 6, 2)
        for step in range(home.earlier):
            record_placement(
                child=child, service_type="residential", starts_on=start + timedelta(days=30 * step),
                ends_before=start + timedelta(days=30 * (step + 1)), spot_reason="emergency", by=BY, today=TODAY,
            )  # fmt: skip
        placed = framework_placement(
            child, awards[home.provider], start + timedelta(days=30 * home.earlier), level=home.level,
            planned_end_on=home.planned_end_on, notice_given_on=TODAY if home.notice else None,
        )  # fmt: skip
        weekly(placed, str(home.core))
        if home.additional:
            weekly(placed, str(home.additional), category="additional", service="therapy", approved_by="Panel",
                   approved_on=TODAY, ends_before=date(2027, 1, 1), review_on=date(2026, 12, 1))  # fmt: skip
        if home.meeting:
            kind, held = home.meeting
            plan_meeting(placement=placed, kind=kind, due_on=held or TODAY, held_on=held, by=BY, today=TODAY)
        if home.order:
            add_oversight(placement=placed, kind="deprivation_of_liberty", starts_on=date(2026, 4, 1),
                          ends_before=date(2026, 6, 1), why="Safety", approved_by="A court", approved_on=TODAY, by=BY,
                          today=TODAY)  # fmt: skip
        found.append(placed)
    return found


@pytest.fixture
def lot(cast):
    with_statements()
    return cast.world.lot(cast.world.shared)


@pytest.fixture
def awards(cast, lot):
    with cast.acting("commissioning_officer"):
        return list(Award.objects.filter(lot=lot).select_related("provider", "lot").order_by("pk"))


@pytest.fixture
def release(cast, lot, awards):
    figures = [of_provider(awards[place].provider, lot, str(median)) for place, median in MEDIANS.items()]
    figures += [
        {"cut": "market_age_level", "lot_id": lot.pk, "age_band": "5 to 10", "level": level, "n": 10, "median": median}
        for level, median in LEVELS.items()
    ]
    return publish(cast, figures)


def gaps_of(cast, **who):
    with cast.acting("commissioning_officer", **who):
        return price_gaps(newest_release(), own_figures(TODAY), TODAY)


def page(cast, role="commissioning_officer", query="", **who):
    client = Client()
    client.force_login(cast.person(role, **who))
    return client.get(f"{reverse('benchmarks-prices')}{query}")


@committed
def test_totals_are_the_oracles_on_page_and_in_files(cast, awards, release):
    homes = made_up(45, 20260420)
    with cast.acting("placements_officer"):
        enter(cast.authority, awards, homes)
    found = gaps_of(cast)
    expected = oracle(homes, MEDIANS, LEVELS, TODAY)
    assert {name: getattr(found.savings, name) for name in expected} == expected
    assert min(expected.values()) > 0
    assert len(found.gaps) == 2
    assert found.elsewhere == sum(home.provider == 2 for home in homes)
    # A gap's own figures add up to the whole, and its medians are those of its homes.
    assert sum(gap.savings.realistic for gap in found.gaps) == expected["realistic"]
    for gap in found.gaps:
        prices = sorted(home.core + home.additional for home in homes
                        if awards[home.provider].provider_id == gap.provider_id)  # fmt: skip
        middle = len(prices) // 2
        assert gap.median == (prices[middle] if len(prices) % 2 else (prices[middle - 1] + prices[middle]) / 2)
        assert gap.difference == gap.median - gap.figure.median
    told = page(cast).content.decode()
    for name in ("possible", "realistic"):
        assert f"{expected[name]:,.2f}" in told
    for part in ("", "&part=homes"):
        told = page(cast, query=f"?format=csv{part}").content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(told)))
        for name in ("possible", "realistic"):
            assert sum(Decimal(line[name]) for line in lines) == expected[name], (part, name)
    assert page(cast, query="?format=xlsx").content[:2] == b"PK"


@committed
def test_queries_do_not_grow_with_the_homes(cast, awards, release):
    counts = []
    for _ in range(2):
        with cast.acting("placements_officer"):
            enter(cast.authority, awards, made_up(8, 7))
        with cast.acting("commissioning_officer"):
            newest, own = newest_release(), own_figures(TODAY)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                price_gaps(newest, own, TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


@committed
def test_nothing_of_another_authority_is_read_but_the_release(cast, awards, release):
    with cast.acting("placements_officer", stranger=True):
        theirs = framework_placement(child_of(cast.other), awards[0])
        weekly(theirs, "4321.98")
    empty = gaps_of(cast)
    assert (empty.gaps, empty.savings.possible, empty.elsewhere) == ([], 0, 0)
    told = page(cast).content.decode()
    assert "Nothing to compare" in told
    assert "4,32" not in told
    assert gaps_of(cast, stranger=True).homes[0].price == Decimal("4321.98")
    # Who does not take part in the framework that day sees no provider's figure.
    with cast.acting("commissioning_officer"):
        assert len(price_gaps(None, own_figures(TODAY), TODAY).gaps) == 0


@committed
def test_the_price_line_is_compared_with_itself_where_the_release_shows_it(cast, lot, awards):
    with cast.acting("commissioning_officer"):
        line = lot.price_lines.get(code="CORE-5-10")
    publish(cast, [
        of_provider(awards[0].provider, lot, "800"),
        {"measure": "line_price", "cut": "provider_price_line", "provider_id": awards[0].provider_id,
         "price_line_id": line.pk, "framework_id": lot.framework_id, "n": 10, "median": Decimal(950)},
    ])  # fmt: skip
    with cast.acting("placements_officer"):
        same, other = (framework_placement(child_of(cast.authority), awards[0]) for _ in range(2))
        weekly(same, "957.00", price_line=line)
        weekly(same, "500.00", category="additional", service="therapy", approved_by="Panel", approved_on=TODAY,
               ends_before=date(2027, 1, 1), review_on=date(2026, 12, 1))  # fmt: skip
        weekly(other, "807.00")
    homes = {home.placement.pk: home for home in gaps_of(cast).homes}
    assert (homes[same.pk].line.pk, homes[same.pk].difference, homes[same.pk].price) == (line.pk, 7, 1457)
    assert homes[same.pk].counted.possible == homes[same.pk].counted.realistic == 365
    assert (homes[other.pk].line, homes[other.pk].difference) == (None, 7)


@committed
def test_short_stays_homes_without_a_price_and_our_own_are_told_apart(cast, awards, release):
    with cast.acting("placements_officer"):
        framework_placement(child_of(cast.authority), awards[0])  # no price
        child = child_of(cast.authority)
        weekly(framework_placement(child, awards[0]), "790.00")
        weekly(framework_placement(child, awards[0], date(2026, 4, 1), respite=True), "2000.00")
        over = framework_placement(child_of(cast.authority), awards[0], ends_before=date(2026, 4, 1))
        weekly(over, "2000.00")
        weekly(record_placement(child=child_of(cast.authority), service_type="fostering", starts_on=date(2026, 1, 5),
                                in_house=True, by=BY, today=TODAY), "2000.00")  # fmt: skip
    found = gaps_of(cast)
    assert (len(found.homes), found.unpriced, found.savings.homes, found.elsewhere) == (2, 1, 1, 0)
    told = page(cast).content.decode()
    assert "there is nothing to save here, and that is good news" in told  # empty savings do not look broken
    assert "1 of those compared have no price recorded" in told
    assert "521.43" in told  # £10.00 a week below, over 365 nights


# Pages


@committed
def test_before_a_release_the_page_says_so(cast):
    told = page(cast).content.decode()
    assert "No release is published yet, so nothing can be compared." in told
    assert reverse("release-new") in told
    assert reverse("release-new") not in page(cast, "steering_member").content.decode()


@committed
def test_homes_are_listed_for_who_may_read_placements(cast, awards, release):
    with cast.acting("placements_officer"):
        placed = enter(cast.authority, awards, [Made(0, Decimal(900)), Made(0, Decimal(950), earlier=2)])
    mine = page(cast, query="?part=homes").content.decode()
    assert reverse("placement", args=[placed[0].uuid]) in mine
    assert "three homes in a year" in mine
    assert "1 child is left out" in mine
    assert str(placed[1]) not in page(cast, query="?part=homes&counts=realistic").content.decode()
    for role in ("steering_member", "authority_administrator"):
        theirs = page(cast, role, "?part=homes").content.decode()
        assert "£13,036" in theirs  # (100 + 150) x 365 / 7, each rounded
        assert "Placement" not in theirs.partition("<main")[2]
        assert b"Placement" not in page(cast, role, "?part=homes&format=csv").content
    assert page(cast, "provider_contact").status_code == 403


# Decisions


def decide(cast, gap, outcome="talk", reason="They charge a neighbour less", **more):
    with cast.acting("commissioning_officer") as officer:
        given = {
            "authority": cast.authority, "provider": gap.homes[0].placement.provider, "market": gap.market,
            "outcome": outcome, "reason": reason, "by": officer, "today": TODAY,
        } | more  # fmt: skip
        return decide_price(**given)


@pytest.fixture
def one(cast, awards, release):
    """A home of an agreement at £900 a week where the partnership pays £800."""
    with cast.acting("placements_officer"):
        (home,) = enter(cast.authority, awards, [Made(0, Decimal(900))])
        agreed(home, [CostLine.objects.get(placement=home)], price_asked=Decimal(900))
    return home


@committed
def test_an_accepted_price_is_no_realistic_saving_until_it_is_decided_anew(cast, one):
    (gap,) = gaps_of(cast).gaps
    whole = gap.savings.possible
    assert whole == gap.savings.realistic == Decimal("5214.29")
    decide(cast, gap, "accepted", "It holds a place for two brothers")
    saving = gaps_of(cast).savings
    assert (saving.possible, saving.realistic, saving.for_the_child) == (whole, 0, 0)
    assert saving.reasons == {"accepted": 1}
    decide(cast, gap, "talk", "The brothers have moved on")
    assert gaps_of(cast).savings.realistic == whole


@committed
def test_a_new_price_is_in_the_benefits_register_and_nowhere_else(cast, one):
    (gap,) = gaps_of(cast).gaps
    with pytest.raises(ValidationError, match="amend the agreement first"):
        decide(cast, gap, "agreed")
    with cast.acting("placements_officer"):
        first = one.agreementversions.get()
    with pytest.raises(ValidationError, match="brought no price down"):
        decide(cast, gap, "agreed", agreement=first)  # nothing was cashable in it
    with cast.acting("placements_officer"):
        line = CostLine.objects.get(placement=one)
        same = agreed(one, [line], base=1, starts_on=date(2026, 4, 1), agreed_on=date(2026, 4, 1))
    with pytest.raises(ValidationError, match="brought no price down"):
        decide(cast, gap, "agreed", agreement=same)  # amended, at the same price
    with cast.acting("placements_officer"):
        cheaper = replace_cost_line(line=line, amount=Decimal(850), starts_on=date(2026, 4, 6), reason="Less", by=BY)
        second = agreed(one, [cheaper], base=2, starts_on=date(2026, 4, 6), agreed_on=date(2026, 4, 6))
    with pytest.raises(ValidationError, match="Only a new price names"):
        decide(cast, gap, "talk", agreement=second)
    with pytest.raises(ValidationError, match="Say why"):
        decide(cast, gap, "agreed", " ", agreement=second)
    decide(cast, gap, "agreed", "They met us half way", agreement=second)
    with pytest.raises(ValidationError, match="names it already"):
        decide(cast, gap, "agreed", agreement=second)
    with cast.acting("commissioning_officer"):
        came = cashable(PriceDecision.objects.all(), TODAY)
        register = totals(saved(TODAY, FinancialYear(2026)))["cashable"]
        assert (came.weekly, came.in_year) == register
        assert came.weekly == 50
    told = page(cast).content.decode()
    assert "New prices agreed save £50.00 a week today" in told
    assert reverse("agreement-version", args=[one.uuid, 3]) in told
    assert reverse("agreement-version", args=[one.uuid, 3]) not in page(cast, "steering_member").content.decode()
    assert "half way" not in page(cast, stranger=True).content.decode()


@committed
def test_the_form_records_who_decided_what_was_known(cast, one):
    (gap,) = gaps_of(cast).gaps
    address = reverse("benchmarks-prices-decide", args=[gap.provider_uuid, gap.market_in_address])
    officer, stranger = Client(), Client()
    officer.force_login(cast.person("commissioning_officer"))
    stranger.force_login(cast.person("commissioning_officer", stranger=True))
    assert stranger.get(address).status_code == 404
    assert officer.get(address.replace(str(gap.provider_uuid), str(cast.rival.uuid))).status_code == 404
    assert officer.get(address.replace(gap.market_in_address, "spot:fostering")).status_code == 404
    assert officer.get(address.replace(gap.market_in_address, "anything")).status_code == 404
    shown = officer.get(address).content.decode()
    assert "a median of £900 a week for 1 open home" in shown
    assert "Nobody moves a child for a price" in shown
    assert "None so far" in shown
    assert "Say why: it stays on the record" in officer.post(address, {"outcome": "talk"}).content.decode()
    assert officer.post(address, {"outcome": "agreed", "reason": "x"}).status_code == 200
    sent = officer.post(address, {"outcome": "talk", "reason": "A <b>neighbour</b> pays less"}, follow=True)
    told = sent.content.decode()
    assert "Talk to the provider" in told
    assert "&lt;b&gt;neighbour" in told
    with cast.acting("commissioning_officer") as who:
        row = PriceDecision.objects.get()
        assert (row.decided_by_id, row.own_median, row.partnership_median) == (who.pk, 900, 800)
        assert row.release == newest_release()
    history = Client()
    history.force_login(cast.person("auditor"))
    assert "price decision" in history.get(reverse("audit")).content.decode().lower()
