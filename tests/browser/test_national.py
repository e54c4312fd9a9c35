"""The page of published figures with figures on it, at a desk and on a phone."""

import pytest

from tests.browser.looks import too_wide, violations
from tests.compare.dfe_files import DICTIONARY, LAIT, NEAR_SOUTHWARK, bring, neighbours

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_published_figures_are_accessible_and_fit(cast, open_as, width, tmp_path):
    for path in (LAIT, DICTIONARY, neighbours(tmp_path, [(210, "Southwark", NEAR_SOUTHWARK)])):
        bring(path)
    page = open_as(cast.person("commissioning_officer"), width)
    for query in ("", "?measure=RescareFinance&with=kent", "?measure=LACStable_2016on&with=kent&sort=-figure"):
        page.goto(f"/benchmarks/national/{query}")
        page.locator(".app-chart canvas").wait_for()
        assert violations(page) == [], query
        assert not too_wide(page), query
    page.goto("/benchmarks/national/")
    page.get_by_text("Change what is shown").click()
    page.get_by_label("Compared with").select_option("kent")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**with=kent**")
    assert "£5,000 a week in 2024-25" in page.locator(".app-lede").inner_text()
    assert violations(page) == []
