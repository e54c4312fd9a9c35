"""The spend pages with years of purchases behind them, on a desk and on a phone."""

import os
from datetime import date

import pytest

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Award
from tests.browser.looks import faults
from tests.contracts.bought import BY, child_of, framework_placement, spot_placement, weekly

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
PAGES = ("/spend/?year=2025/26", "/spend/?year=2025/26&by=provider&route=spot", "/spend/equality/?year=2025/26",
         "/spend/placements/?year=2025/26", "/spend/?year=2025/26&service=health")  # fmt: skip
SERVICES = ("fostering", "residential", "supported", "residential")


@pytest.fixture
def buyer(cast):
    """An officer of an authority with 16 homes by two routes, each priced, over three years."""
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        awards = list(Award.objects.filter(framework=cast.world.shared).order_by("pk"))
        for number in range(16):
            child = child_of(cast.authority, ethnicity=("WBRI", "BCRB", "")[number % 3], sex=("F", "M")[number % 2])
            starts_on = date(2024, 4 + number % 8, 5 + number)
            home = (
                framework_placement(child, awards[number % len(awards)], starts_on)
                if number % 4 == 0
                else spot_placement(child, starts_on, service_type=SERVICES[number % 4])
            )
            weekly(home, f"{900 + number * 311}.17")
    return cast.person("placements_officer")


@pytest.mark.parametrize("address", PAGES)
def test_spend_is_accessible_and_fits(buyer, open_as, address):
    page = open_as(buyer)
    page.goto(address)
    assert "Southwark" in page.inner_text(".app-lede") or "nights for" in page.inner_text(".app-lede")
    if folder := os.environ.get("SCREENSHOTS"):
        name = address.strip("/").replace("/", "-").replace("?", "-")
        page.screenshot(path=f"{folder}/{name}-1280.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 900})
        page.screenshot(path=f"{folder}/{name}-390.png", full_page=True)
    assert faults(page) == []


def test_a_figure_leads_to_its_placements(buyer, open_as):
    page = open_as(buyer)
    page.goto("/spend/?year=2025/26")
    link = page.locator("a[href*='/spend/placements/'][href*='route=spot'][href*='from=2025-06']").first
    figure = link.inner_text()
    link.click()
    assert f"for £{figure}" in page.inner_text(".app-lede")
