"""Rota, coverage, intervals and premises in a browser: full, empty and refused, wide and narrow."""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from contracts.models import Placement
from providers.models import Premises
from quality.models import Inspection, NotifiableEvent
from tests.browser.looks import faults
from tests.quality import monitored
from tests.quality.monitored import as_member, home_of, place, rely, service, visit_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page


def lived_in(cast, today):
    """Eight homes in every state of the rota; gives the registration with several addresses, and Lewisham's visit."""
    with service():
        homes = [home_of(cast.provider, f"SC60000{n}", name=name, area_name=area) for n, (name, area) in enumerate((
            ("Ash House", "Kent"), ("Beech House", "Lewisham"), ("Cedar Lodge", "Croydon"), ("Damson Court", "Surrey"),
            ("Elder House", "Southwark"), ("Fir Tree House", "Medway"),
        ))]  # fmt: skip
        flats = home_of(
            cast.provider, "2600001", "supported_accommodation", 4, name="Ivy Support", area_name="Southwark"
        )
        agency = home_of(cast.provider, "SC600009", "fostering_agency", name="Juniper Fostering", area_name="Bromley")
        for home, overall in zip(homes, ("inadequate", "good", "outstanding", "requires_improvement"), strict=False):
            Inspection.objects.create(
                establishment=home, provider=cast.provider, event_number=f"E{home.pk}", as_at=today, overall=overall,
                inspected_on=today - timedelta(days=100), published_on=today, scale="grades",
            )  # fmt: skip
        NotifiableEvent.objects.create(
            provider=cast.provider, establishment=homes[0], rule="homes_40", theme="police",
            happened_at=timezone.now(), received_at=timezone.now(),
        )  # fmt: skip
        first, second = Premises.objects.filter(establishment=flats).order_by("ordinal")[:2]
    start = today - timedelta(days=200)
    with as_member(cast.other):
        for home in homes[:3]:
            place(cast.other, home, start)
        visit = visit_of(cast.other, homes[1], today - timedelta(days=40))
        visit_of(cast.other, homes[0], today + timedelta(days=14), state="planned")
    with as_member(cast.authority):
        for number, home in enumerate(homes):
            for _ in range(number % 3 + 1):
                placed = place(cast.authority, home, start)
                miles = Decimal("12.5") * number
                Placement.objects.filter(pk=placed.pk).update(distance_miles=miles)
        for premises in (first, second, None, None):
            place(cast.authority, flats, start, service_type="supported", premises=premises)
        for _ in range(5):
            place(cast.authority, agency, start, service_type="fostering")
        place(cast.authority, None, start, service_type="kinship", in_house=True, spot_reason="")
        for days, home in ((190, homes[2]), (150, homes[3]), (20, homes[4])):
            visit_of(cast.authority, home, today - timedelta(days=days))
        visit_of(cast.authority, flats, today - timedelta(days=30), premises=first)
        for kind in ("desktop", "report"):
            for home in (*homes[2:], flats):
                visit_of(cast.authority, home, today - timedelta(days=60), kind=kind)
        rely(cast.authority, visit, today)
        unsaid = visit_of(cast.authority, homes[0], today - timedelta(days=300))
    with as_member(cast.other):
        offered = visit_of(cast.other, homes[2], today - timedelta(days=12))
    return flats, offered, unsaid


def test_monitoring_pages_full_empty_and_refused(cast, open_as, monkeypatch):
    today = timezone.localdate()
    monkeypatch.setattr(monitored, "TODAY", today)
    wrong = []
    page = open_as(cast.person("quality_officer"))
    placer = open_as(cast.person("placements_officer"))

    def look(by, address: str, name: str, *, send: str = "") -> None:
        by.goto(address)
        for details in by.locator("details").all():
            details.evaluate("each => each.open = true")
        if send:
            by.get_by_role("button", name=send).click()
        wrong.extend(faults(by))
        if SHOTS:
            for width in (1280, 390):
                by.set_viewport_size({"width": width, "height": 900})
                by.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)

    for address, name in (("visits/rota/", "rota"), ("visits/coverage/", "coverage"),
                          ("visits/coverage/placements/", "coverage-list")):  # fmt: skip
        look(page, f"/{address}", f"{name}-empty")
    look(placer, "/placements/premises/", "premises-empty")
    flats, offered, own = lived_in(cast, today)
    look(page, "/visits/rota/", "rota")
    look(page, "/visits/rota/?whose=any&priority=high", "rota-asked")
    look(page, "/visits/coverage/", "coverage")
    look(page, "/visits/coverage/?on_0=31&on_1=2&on_2=2026", "coverage-refused")
    look(page, "/visits/coverage/placements/?way=site", "coverage-list")
    look(page, "/visits/monitoring/", "intervals")
    look(page, "/visits/monitoring/residential/", "interval")
    page.get_by_label("Site visit: days between two (optional)").fill("0")
    page.get_by_role("button", name="Save").click()
    assert "Enter at least one day" in page.content()
    wrong.extend(faults(page))
    look(page, f"/visits/{offered.uuid}/rely/", "rely")
    look(page, f"/providers/establishments/{flats.uuid}/", "establishment")
    look(page, f"/providers/establishments/{flats.uuid}/premises/add/", "premises-refused", send="Record premises")
    look(placer, "/placements/premises/", "premises")
    assert wrong == []
