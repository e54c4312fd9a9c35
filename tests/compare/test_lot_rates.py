"""The lot's rates against a slow, obvious oracle: plain loops over the card that was sent."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from commissioning.compare.measures.lot_rates import lot_rates
from commissioning.partnership.models import Lot, Participation
from tests.world import card, row, send, standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TODAY = date(2026, 4, 20)


def lot_of(framework):
    return Lot.objects.select_related("framework").get(framework=framework)


def oracle_quartile(amounts, share):
    """Sort, walk to the place, take the point between: by hand, in Decimal."""
    ordered = sorted(amounts)
    place = Decimal(len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    exact = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def test_spread_and_change_equal_the_oracle(world, as_authority):
    standard_rates(world)
    for offset, framework, who in ((0, world.shared, world.greenwich), (1000, world.pair, world.lewisham)):
        sent = {
            (name, line): Decimal(700 + offset + number * 10 + place) + Decimal("15.37")
            for number, name in enumerate(world.providers)
            for place, line in enumerate(("CORE-0-4", "CORE-5-10", "CORE-11-15"))
        }
        with as_authority(who):
            found = lot_rates(lot_of(framework), day=TODAY)
            assert [place.provider.name for place in found.places] == sorted(world.providers)
            for line in found.lines:
                amounts = [sent[name, line.code] for name in world.providers]
                lies = found.spread_of(line)
                assert (lies.n, lies.lowest, lies.highest) == (3, min(amounts), max(amounts))
                assert lies.lower_quartile == oracle_quartile(amounts, Decimal("0.25"))
                assert lies.median == oracle_quartile(amounts, Decimal("0.5"))
                assert lies.upper_quartile == oracle_quartile(amounts, Decimal("0.75"))
                for place in found.places:
                    now = sent[place.provider.name, line.code]
                    assert place.rates[line.pk].amount == now
                    assert place.since_last_year(line) == Decimal(15) / (now - 15) * 100


def test_who_takes_no_part_sees_places_and_no_rate(world, as_authority):
    standard_rates(world)
    with as_authority(world.southwark):
        found = lot_rates(lot_of(world.pair), day=TODAY)
    assert not found.seen
    assert len(found.places) == 3
    assert all(not place.rates and not place.before for place in found.places)


def test_who_has_left_sees_none_of_today_s_rates(world, as_authority):
    standard_rates(world)
    with as_authority(world.southwark):
        Participation.objects.filter(framework=world.shared, authority=world.greenwich).update(
            ends_before=date(2026, 1, 1)
        )
    with as_authority(world.greenwich):
        assert not lot_rates(lot_of(world.shared), day=TODAY).seen
        assert lot_rates(lot_of(world.shared), day=date(2025, 12, 31)).seen


def test_a_provider_sees_its_own_row_alone(world, as_provider):
    standard_rates(world)
    provider = world.providers["Invented Provider 2 Ltd"]
    with as_provider(provider):
        found = lot_rates(lot_of(world.shared), day=TODAY)
        assert [place.provider.name for place in found.places] == ["Invented Provider 2 Ltd"]
        assert not found.rivals_seen
        assert len(found.places[0].rates) == 3


def test_an_authority_pays_its_own_rate(world, as_authority):
    one = "Invented Provider 1 Ltd"
    send(
        "rates",
        card(row(world.shared, one, "800"), row(world.shared, one, "780", Authority="Lewisham")),
        world.southwark,
    )
    for who, amount, own in ((world.lewisham, 780, True), (world.greenwich, 800, False)):
        with as_authority(who):
            found = lot_rates(lot_of(world.shared), day=TODAY)
            (charged,) = found.places[0].rates.values()
            assert (charged.amount, charged.own) == (amount, own)
            assert found.spread_of(found.line_coded("CORE-5-10")).median == amount


def test_the_number_of_queries_does_not_grow(world, as_authority, django_assert_num_queries):
    standard_rates(world)
    with as_authority(world.greenwich):
        lot = lot_of(world.shared)
        with django_assert_num_queries(8):
            # price lines; places with providers; newest list of the regulator; establishments; judgements (one query
            # even with no establishments); taking part; the viewer's frameworks, rates, a year before
            lot_rates(lot, day=TODAY)
