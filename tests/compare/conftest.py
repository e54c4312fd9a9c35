"""A market large enough for figures, committed: the role `release` finds what is committed and nothing else."""

import pytest

from tests.compare.market import Market, open_market
from tests.resident import committed

OUTSIDER, LEAVER = "croydon", "bromley"


def build_market() -> Market:
    """Seven members, three providers, two lots. Croydon never took part in the framework, Bromley has left it. Five
    buy two homes from each provider on each lot; those two buy outside it."""
    made = open_market(providers=3, lots=("1", "2"), outsiders=(OUTSIDER,), leavers=(LEAVER,))
    for place, authority in enumerate(made.authorities):
        for step, provider in enumerate(made.providers):
            prices = [f"{800 + 10 * place + 30 * step + 3 * each}.00" for each in range(2)]
            if authority in (OUTSIDER, LEAVER):
                made.buy_spot(authority, prices, provider=provider, service_type="fostering")
            else:
                for lot in made.lots:
                    made.buy(authority, prices, provider=provider, lot=lot)
    return made


def build_wide() -> Market:
    """Seven members, all in the framework, of whom each buys two homes from each of four providers on one lot: no part
    of it is anybody's, so each provider's figure is told whole."""
    made = open_market(providers=4)
    for place, authority in enumerate(made.authorities):
        for step, provider in enumerate(made.providers):
            made.buy(authority, [f"{800 + 10 * place + 30 * step + 3 * n}.00" for n in range(2)], provider=provider)
    return made


_committed_market, market = committed("market", build_market)
_committed_wide, wide = committed("wide", build_wide)


@pytest.fixture
def asks(market):
    """Who asks for a release."""
    return market.person("southwark")


@pytest.fixture
def second(market):
    """Who approves and publishes it."""
    return market.person("lewisham")
