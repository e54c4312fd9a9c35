"""Places on a lot: only the lead awards and ends them, and an ended place ends its rates."""

from datetime import date

import pytest
from django.test import Client

from commissioning.partnership.models import Lot, User
from providers.models import Award, Provider, Rate
from tests.world import standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def lead(world, as_authority, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    return _client(as_authority, world.southwark)


def _client(as_authority, authority):
    with as_authority(authority):
        user = User.objects.create_user(
            f"officer@{authority.slug}.example", role="commissioning_officer", authority=authority
        )
    client = Client()
    client.force_login(user)
    return client


def lot_of(world, as_authority):
    with as_authority(world.southwark):
        return Lot.objects.get(framework=world.shared)


def day(prefix, on):
    return {f"{prefix}_0": on.day, f"{prefix}_1": on.month, f"{prefix}_2": on.year}


def test_a_place_is_awarded_by_name_number_or_refused_with_the_nearest(world, lead, as_authority):
    lot = lot_of(world, as_authority)
    with as_authority(world.southwark):
        Provider.objects.create(
            name="Invented Newcomer Ltd", folded_name="invented newcomer ltd", company_number="90009999"
        )
    wrong = lead.post(
        f"/lots/{lot.uuid}/places/new/", {"provider": "Invented Newcommer Ltd", **day("starts_on", date(2026, 4, 1))}
    )
    assert "Nearest: Invented Newcomer Ltd" in wrong.content.decode()
    right = lead.post(
        f"/lots/{lot.uuid}/places/new/", {"provider": "90009999", "tier": "2", **day("starts_on", date(2026, 4, 1))}
    )
    assert right.status_code == 302
    with as_authority(world.southwark):
        assert Award.objects.get(provider__name="Invented Newcomer Ltd").tier == 2
    again = lead.post(f"/lots/{lot.uuid}/places/new/", {"provider": "90009999", **day("starts_on", date(2026, 5, 1))})
    assert "has a place on this lot on those days already" in again.content.decode()


def test_an_ended_place_ends_its_rates(world, lead, as_authority):
    standard_rates(world)
    lot = lot_of(world, as_authority)
    with as_authority(world.southwark):
        award = Award.objects.get(lot=lot, provider__name="Invented Provider 1 Ltd")
    address = f"/lots/{lot.uuid}/places/{award.uuid}/end/"
    assert "Say why the place ends" in lead.post(address, day("ends_before", date(2026, 6, 30))).content.decode()
    done = lead.post(address, {"reason": "withdrew", **day("ends_before", date(2026, 6, 30))})
    assert done.status_code == 302
    with as_authority(world.southwark):
        award.refresh_from_db()
        assert (award.ends_before, award.removal_reason) == (date(2026, 7, 1), "withdrew")
        assert not Rate.objects.in_force_on(date(2026, 7, 1)).filter(award=award).exists()
        assert Rate.objects.in_force_on(date(2026, 6, 30)).filter(award=award).count() == 3


def test_nobody_but_the_lead(world, as_authority, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    lot = lot_of(world, as_authority)
    other = _client(as_authority, world.greenwich)
    for address in (f"/lots/{lot.uuid}/places/", f"/lots/{lot.uuid}/places/new/"):
        assert other.get(address).status_code == 403
        assert other.post(address, {}).status_code == 403
