"""What the first page says of releases, of what costs most and of the frameworks' share, and to whom."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from commissioning.compare.pages.overview import _answer
from commissioning.partnership.models import Invitation
from contracts.models import Offer, Referral
from tests.compare.releases import figure, published
from tests.contracts.bought import child_of
from tests.contracts.sending import framework, load, spot
from tests.world import NOW

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
MOST_QUERIES = 60


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bought(cast):
    """Four foster homes at 900 and one at 2,000 of one lot, age and level; one spot home dearer still, of another."""
    born = {"Date of birth": "17/05/2013"}
    rows = [framework(f"P-{n}", f"C-{n}", **{"Weekly cost": "900", "Level": "standard"}, **born) for n in range(4)]
    rows.append(framework("P-4", "C-4", **{"Weekly cost": "2000", "Level": "enhanced"}, **born))
    rows.append(spot("P-5", "C-5", **{"Weekly cost": "5000", "Level": "standard"}, **born))
    assert load(cast.world, *rows).rows_rejected == 0
    return cast


def told(cast, *, levels: tuple[tuple[str, int], ...]):
    lot = cast.world.lot(cast.world.shared)
    return published(cast, *(
        figure("weekly_price", "market_age_level", lot=lot, age_band="11 to 15", level=level, n=50, median=median,
               mean=median)
        for level, median in levels
    ))  # fmt: skip


def page(cast, role: str, **who) -> str:
    client = Client()
    client.force_login(cast.person(role, **who))
    return client.get("/").content.decode()


def test_the_dearest_is_by_pounds_over_all_homes(bought):
    """Oracle: 4 homes 300 above come to 1,200 a week, 1 home 1,000 above to 1,000."""
    told(bought, levels=(("standard", 600), ("enhanced", 1000)))
    over = {"Standard": (Decimal(900) - 600) * 4, "Enhanced": (Decimal(2000) - 1000) * 1}
    first, second = sorted(over, key=lambda level: over[level], reverse=True)
    for role in ("commissioning_officer", "finance_officer", "analyst", "steering_member", "auditor"):
        said = page(bought, role)
        assert "Dearest above the partnership’s median (Release 1)" in said
        assert said.index(f"{first}, £300 a week over 4 homes") < said.index(f"{second}, £1,000 a week over 1 home")
        assert "£5,000" not in said
    for role in ("placements_officer", "quality_officer", "authority_administrator"):
        assert "Dearest" not in page(bought, role)


def test_nothing_is_dear_where_nothing_lies_above(bought):
    told(bought, levels=(("standard", 900), ("enhanced", 2500)))
    assert "Dearest" not in page(bought, "analyst")


def test_the_share_of_the_frameworks_has_its_direction_in_words(bought):
    """As the spend page says it: five of six homes run through a framework since 2 June 2025; a year before, none."""
    assert "Southwark bought 83% of nights through frameworks in 2025/26. " in page(bought, "analyst")
    load(bought.world, spot("P-9", "C-9", **{"Start date": "21/04/2024", "Left on": "21/04/2025"}))
    assert "Southwark bought 82% of nights through frameworks in 2025/26, up from 0%. " in page(bought, "analyst")
    assert "of nights through frameworks" not in page(bought, "placements_officer", stranger=True)


def test_a_release_published_this_month_is_told_and_an_older_one_is_not(bought):
    told(bought, levels=())
    assert "Release 1, twelve months to 31 March 2026, was published on 14 April 2026." in page(bought, "analyst")
    with time_machine.travel(date(2026, 5, 1), tick=False):
        assert "was published on" not in page(bought, "analyst")


@pytest.mark.parametrize(("state", "role", "stranger", "says"), [
    ("built", "commissioning_officer", False, ""),  # who asked for it
    ("built", "commissioning_officer", True, "Release 1 waits for approval"),
    ("built", "steering_member", False, "Release 1 waits for approval"),
    ("built", "analyst", True, ""),
    ("failed", "commissioning_officer", False, "Release 1 was not built"),
    ("failed", "commissioning_officer", True, ""),
])  # fmt: skip
def test_a_release_waits_for_somebody_other_than_who_asked(cast, state, role, stranger, says):
    published(cast, state=state)
    said = page(cast, role, stranger=stranger)
    assert ("Release 1" in said) == bool(says)
    assert says in said


def test_searches_are_told_to_who_looks_and_to_who_was_asked(cast):
    with cast.acting("placements_officer"):
        search = Referral.objects.create(
            authority=cast.authority, number=1, child=child_of(cast.authority), opened_at="2026-04-18T09:00Z",
            needed_by=date(2026, 4, 27), urgency="planned", in_house_tried="no", service_type="fostering",
        )  # fmt: skip
        Offer.objects.create(
            authority=cast.authority, referral=search, provider=cast.provider, service_type="fostering",
            urgency="planned", needed_by=date(2026, 4, 27), asked_at="2026-04-18T10:00Z",
        )  # fmt: skip
    assert "1 search is open; none is needed today." in page(cast, "placements_officer")
    with time_machine.travel(date(2026, 4, 27), tick=False):
        assert "1 search is open; 1 home is needed today." in page(cast, "placements_officer")
    with time_machine.travel(date(2026, 4, 28), tick=False):
        assert "1 search is open; 1 home is late." in page(cast, "placements_officer")
    assert "1 search has no answer of yours recorded." in page(cast, "provider_contact")
    assert "no answer of yours" not in page(cast, "provider_contact", stranger=True)
    assert "search is open" not in page(cast, "placements_officer", stranger=True)


@pytest.mark.parametrize(("hour", "needs", "says"), [
    (8, 3, "Good morning. Three things need you."), (12, 1, "Good afternoon. One thing needs you."),
    (19, 0, "Good evening. Nothing needs you today."), (8, 11, "Good morning. 11 things need you."),
])  # fmt: skip
def test_the_greeting_counts_in_words(hour, needs, says):
    assert _answer([None] * needs, hour) == says


def test_the_page_asks_few_questions_however_much_was_bought(bought, django_assert_max_num_queries):
    told(bought, levels=(("standard", 600),))
    client = Client()
    client.force_login(bought.person("commissioning_officer"))
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/")
    load(bought.world, *[framework(f"Q-{n}", f"Q-{n}", Level="standard") for n in range(20)])
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/")


def test_an_administrator_is_told_who_was_invited_and_has_not_come(cast):
    with cast.acting("authority_administrator"):
        Invitation.objects.create(
            email="new@southwark.test", role="analyst", authority=cast.authority, digest="x",
            expires_at="2026-04-27T09:00Z",
        )  # fmt: skip
    for role in ("authority_administrator", "partnership_administrator"):
        assert "1 invitation has not been accepted yet." in page(cast, role)
    assert "invitation" not in page(cast, "authority_administrator", stranger=True).split("<main")[1]
