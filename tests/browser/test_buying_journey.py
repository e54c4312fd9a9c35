"""Buying a home in the browser, by two roles: search, three offers and two declines, placement, agreement, additional
service, amendment, end. Every step is told in history, and nothing of it is seen by another borough."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import (
    AgreementVersion,
    Benefit,
    Child,
    ChildReference,
    CostLine,
    Offer,
    Outcome,
    Placement,
    Referral,
)
from tests.browser.looks import faults
from tests.contracts.samples_agreements import with_statements
from tests.permissions import samples

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def fill_day(page, name: str, day: date) -> None:
    for part, value in zip("012", (day.day, day.month, day.year), strict=True):
        page.fill(f"[name={name}_{part}]", str(value))


def press(page, words: str) -> None:
    """A button or a link that looks like one; the page that follows has nothing wrong with it."""
    page.locator("main").get_by_role("button", name=words, exact=True).first.click()
    page.wait_for_load_state()
    assert page.locator(".govuk-error-summary").count() == 0, page.locator(".govuk-error-summary").inner_text()


def seen_by(cast) -> Viewer:
    return Viewer.of_authority(cast.authority.pk)


def test_from_search_to_end(cast, open_as):
    with_statements()
    today = timezone.localdate()
    placer = open_as(cast.person("placements_officer"))
    placer.set_default_timeout(10_000)

    # The search: seven things typed or ticked, and two providers named outside the lot.
    placer.goto("/referrals/new/")
    placer.fill("[name=child]", "JOURNEY-1")
    fill_day(placer, "needed_by", today + timedelta(days=5))
    placer.check("[name=urgency][value=planned]")
    placer.check("[name=in_house_tried][value=yes]")
    placer.select_option("[name=service_type]", "fostering")
    for box in placer.locator("[name=lots]").all():
        box.check()
    placer.fill("[name=providers]", "Alder Fostering\nBirch Fostering")
    fill_day(placer, "born_on", date(2012, 5, 17))
    assert faults(placer) == []
    press(placer, "Open the search and ask")
    search = placer.url
    with acting_as(seen_by(cast), by="service:tests"):
        referral = Referral.objects.get()
        asked = list(Offer.objects.select_related("provider").order_by("lot_id", "pk"))
    assert len(asked) == 5

    offers = {}
    for number, offer in enumerate(asked):
        placer.goto(reverse("referral-answer", args=[referral.uuid, offer.uuid]))
        if number < 3:
            placer.check("[name=answer][value=offered]")
            placer.fill("[name=weekly_amount]", f"{800 + number * 10}.00")
            placer.check("[name=suitable][value=True]")
            offers[offer.provider.name] = offer
        else:
            placer.check("[name=answer][value=declined]")
            placer.select_option("[name=decline_reason]", "no_vacancy")
        press(placer, "Record the answer")
    assert faults(placer) == []

    placer.goto(reverse("referral-view", args=[referral.uuid]))
    placer.fill("[name=child_view]", "I want to stay near my school")
    placer.select_option("[name=visited_first]", "yes")
    press(placer, "Save")
    placer.goto(reverse("referral-choose", args=[referral.uuid]))
    on_the_lot = next(offer for offer in offers.values() if offer.lot_id)
    placer.check(f"[name=offer][value='{on_the_lot.uuid}']")
    placer.fill("[name=chosen_why]", "Nearest to school, and the only one with a garden")
    press(placer, "Choose this home")
    assert search.rstrip("/") in placer.url.rstrip("/") or str(referral.uuid) in placer.url

    # The placement, prefilled from the chosen offer.
    placer.goto(f"/placements/new/?referral={referral.uuid}")
    fill_day(placer, "starts_on", today - timedelta(days=1))
    assert faults(placer) == []
    placer.select_option("[name=registration]", "registered")
    press(placer, "Record the placement")
    with acting_as(seen_by(cast), by="service:tests"):
        home = Placement.objects.get()
        core = CostLine.objects.get()
    assert (home.route, home.referral_id, home.provider_id) == ("framework", referral.pk, on_the_lot.provider_id)

    # Its agreement.
    placer.goto(reverse("agreement-new", args=[home.uuid]))
    _agree(placer, home, today, asked="820.00", agreed=f"{core.weekly_amount:.2f}")
    for sought in placer.locator("[name=sought_1]").all():
        sought.fill("I stay at my own school")
    placer.locator("[name=statements_1][value='7']").check()
    _choose(placer, "baseline_1", "2")
    assert faults(placer) == []
    press(placer, "Make the agreement")

    # The commissioning officer approves an additional service, and amends the agreement.
    officer = open_as(cast.person("commissioning_officer"))
    officer.goto(reverse("service-new", args=[home.uuid]))
    officer.select_option("[name=service]", "staffing")
    officer.fill("[name=amount]", "25.00")
    officer.select_option("[name=unit]", "hour")
    officer.fill("[name=quantity]", "10")
    fill_day(officer, "starts_on", today - timedelta(days=1))
    fill_day(officer, "ends_before", today + timedelta(days=60))
    fill_day(officer, "review_on", today + timedelta(days=28))
    officer.fill("[name=approved_by]", "Head of service")
    fill_day(officer, "approved_on", today - timedelta(days=1))
    assert faults(officer) == []
    press(officer, "Add the service")
    officer.goto(reverse("agreement-amend", args=[home.uuid]))
    officer.fill("[name=changes]", "One-to-one staffing for two months")
    _agree(officer, home, today, asked="", agreed=f"{core.weekly_amount + 250:.2f}")
    assert faults(officer) == []
    press(officer, "Make the new version")
    assert "Version 2" in officer.locator("main").inner_text()

    # The end.
    placer.goto(reverse("placement-end", args=[home.uuid]))
    fill_day(placer, "ends_before", today)
    placer.select_option("[name=end_reason]", "CARPL")
    placer.check("[name=ended_by][value=plan]")
    placer.locator("[name=ended_as_planned]").first.check()
    placer.select_option("[name=destination]", "family")
    press(placer, "End the placement")

    with acting_as(seen_by(cast), by="service:tests"):
        home.refresh_from_db()
        assert home.ends_before == today
        assert [v.number for v in AgreementVersion.objects.order_by("number")] == [1, 2]
        assert {line.ends_before for line in CostLine.objects.filter(category="additional")} == {today}
        _every_step_is_told(cast, today)
    with acting_as(Viewer.of_authority(cast.other.pk), by="service:tests"):
        for model in (Child, ChildReference, Referral, Offer, Placement, CostLine, AgreementVersion, Outcome, Benefit):
            assert not model.objects.exists()
            assert not events_of(model).exists()

    # Another borough's officer, at every address of this journey.
    stranger = open_as(cast.person("placements_officer", stranger=True))
    routes = ("placement", "placement-end", "agreement", "agreement-new", "service-new", "outcomes")
    for name in routes:
        assert stranger.goto(reverse(name, args=[home.uuid])).status == 404, name
    assert stranger.goto(reverse("referral", args=[referral.uuid])).status == 404
    for address in ("/referrals/", "/placements/", "/placements/services/", "/spend/"):
        stranger.goto(address)
        assert "Alder" not in stranger.locator("main").inner_text()
    assert set(routes) <= set(samples())


def _every_step_is_told(cast, today: date) -> None:
    """Each step of the journey once, by whoever took it, with what it changed; and nothing by nobody."""
    placer, officer = (f"user:{cast.person(role).uuid}" for role in ("placements_officer", "commissioning_officer"))
    steps = [
        (1, placer, Child, "insert", {}),
        (1, placer, ChildReference, "insert", {}),
        (1, placer, Referral, "insert", {"outcome": ""}),
        (5, placer, Offer, "insert", {"answer": ""}),
        (3, placer, Offer, "update", {"answer": "offered", "chosen": False}),
        (2, placer, Offer, "update", {"answer": "declined", "decline_reason": "no_vacancy"}),
        (1, placer, Referral, "update", {"child_view": "I want to stay near my school", "outcome": ""}),
        (1, placer, Offer, "update", {"chosen": True}),
        (1, placer, Referral, "update", {"outcome": "placed"}),
        (1, placer, Placement, "insert", {"route": "framework", "ends_before": None}),
        (1, placer, CostLine, "insert", {"category": "core"}),
        (1, placer, AgreementVersion, "insert", {"number": 1}),
        (1, placer, Outcome, "insert", {"sought": "I stay at my own school"}),
        (1, officer, CostLine, "insert", {"category": "additional", "approved_by": "Head of service"}),
        (1, officer, AgreementVersion, "insert", {"number": 2, "changes": "One-to-one staffing for two months"}),
        (1, placer, Placement, "update", {"ends_before": today.isoformat(), "destination": "family"}),
        (2, placer, CostLine, "update", {"ends_before": today.isoformat()}),
    ]
    for number, actor, model, operation, after in steps:
        told = events_of(model).filter(actor=actor, operation=operation)
        found = [event for event in told if after.items() <= event.after.items()]
        assert len(found) == number, (model, operation, after, [event.after for event in told])
        assert all(event.request_id for event in found), "each is told with the request that made it"
    for model in {model for _, _, model, _, _ in steps}:
        assert set(events_of(model).values_list("actor", flat=True)) <= {placer, officer}


def _agree(page, home: Placement, today: date, *, asked: str, agreed: str) -> None:
    fill_day(page, "agreed_on", today)
    fill_day(page, "starts_on", home.starts_on)
    page.fill("[name=notice_days]", "28")
    for box in page.locator("[name=lines]").all():
        box.check()
    page.fill("[name=price_asked]", asked)
    page.fill("[name=price_agreed]", agreed)
    page.fill("[name=negotiated_by]", "Placements team")
    page.fill("[name=negotiation]", "Compared with two other offers")


def _choose(page, name: str, value: str) -> None:
    """A radio button or a list, whichever the page has."""
    if page.locator(f"select[name={name}]").count():
        page.select_option(f"[name={name}]", value)
    else:
        page.check(f"[name={name}][value='{value}']")
