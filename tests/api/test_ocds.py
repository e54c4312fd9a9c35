"""The OCDS resource: rows, package, who may read it, and that no child can be told from it."""

import json
from datetime import date

import pytest

from providers.actions.award_place import end_place
from providers.models import Award
from tests import ocds
from tests.contracts.bought import child_of, framework_placement

from .conftest import bearer, officer
from .walk import V1

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OCDS = f"{V1}/ocds/"


@pytest.fixture
def key(market, southwark):
    """Southwark called off nine homes from Alder and eight from Birch in one quarter, and three in the next."""
    with officer(southwark):
        places = {each.provider_id: each for each in Award.objects.filter(framework=market.ours.framework)}
        for provider, number, begins in (
            (market.alder, 9, date(2025, 6, 2)),
            (market.birch, 8, date(2025, 4, 30)),
            (market.alder, 3, date(2025, 8, 1)),
        ):  # fmt: skip
            for _ in range(number):
                framework_placement(child_of(southwark), places[provider.pk], begins)
    return bearer(southwark)


def package(client, key, asked=""):
    answer = client.get(f"{OCDS}?format=json{asked}", headers=key)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_the_package_is_valid(client, key, southwark, market):
    with officer(southwark):
        place = Award.objects.get(framework=market.ours.framework, provider=market.birch)
        end_place(award=place, ends_before=date(2025, 12, 1), reason="SECRET reason", by="service:tests")
    made = package(client, key)
    print(json.dumps(made, indent=1))
    assert ocds.problems_of(made) == []
    if ocds.folder() is None:
        pytest.skip(ocds.ABSENT)
    assert ocds.errors_in(made) == []
