"""Additional services: added by the form, past review counted, reviewed together, ended; and who pays."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from contracts.actions.cost_lines import set_funding
from contracts.measures.services import past_review
from contracts.models import CostLine, FundingSplit
from tests.contracts.bought import BY, TODAY, child_of, spot_placement, weekly
from tests.contracts.samples_agreements import acting_for, service
from tests.contracts.test_placement_pages import day, rows_of, signed_in, text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


@pytest.fixture
def home(cast):
    with acting_for(cast.authority):
        made = spot_placement(child_of(cast.authority))
        weekly(made, "4200.00")
        return made


NEW = {
    "service": "therapy", "description": "Weekly session", "amount": "£85.50", "unit": "hour", "quantity": "2",
    **day("starts_on", date(2026, 4, 1)), **day("ends_before", date(2026, 9, 30)),
    **day("review_on", date(2026, 7, 1)), "approved_by": "Head of service", **day("approved_on", date(2026, 3, 30)),
    "funder": "health",
}  # fmt: skip


def test_a_service_is_added_by_its_form(cast, home, officer):
    done = officer.post(reverse("service-new", args=[home.uuid]), NEW)
    assert done.status_code == 302, text(done)
    with acting_for(cast.authority):
        line = CostLine.objects.get(category="additional")
        assert (line.weekly_amount, line.ends_before) == (171, date(2026, 10, 1))
        assert [(part.funder, part.weekly_amount) for part in line.splits.all()] == [("health", 171)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"approved_by": ""}, "Say who approved it"),
        ({"ends_before_0": "", "ends_before_1": "", "ends_before_2": ""}, "Enter the last day"),
        ({"review_on_2": "2027"}, "The review comes before the last day"),
        ({"starts_on_2": "2024"}, "The placement starts on 2 June 2025"),
        ({"quantity": "0"}, "more than nought"),
        ({"amount": "a lot"}, "Enter an amount in pounds"),
        ({"funder": ""}, "Choose who pays"),
    ],
)
def test_what_is_missing_is_said_beside_it(cast, home, officer, change, says):
    answer = officer.post(reverse("service-new", args=[home.uuid]), NEW | change)
    assert answer.status_code == 200
    assert says in text(answer)
    assert "Weekly session" in answer.content.decode()
    with acting_for(cast.authority):
        assert not CostLine.objects.filter(category="additional").exists()
        assert not FundingSplit.objects.exists()


def five_past_review(cast, home):
    with acting_for(cast.authority):
        made = [service(home, f"{40 + n}.40", description=f"Past {n}") for n in range(5)]
        service(home, "10.00", review_on=TODAY, description="Today")
        service(home, "11.00", review_on=date(2026, 8, 1), description="Later")
        service(home, "12.00", ends_before=date(2026, 4, 1), description="Finished")
        set_funding(line=made[0], parts={"education": (Decimal(404), Decimal(0))}, by=BY)
    return made


def naive_past_review() -> tuple[int, Decimal]:
    rows = [
        line
        for line in CostLine.objects.all()
        if line.category == "additional" and line.starts_on <= TODAY and line.review_on < TODAY
        and not (line.ends_before and line.ends_before <= TODAY)
    ]  # fmt: skip
    return len(rows), sum((line.weekly_amount for line in rows), Decimal(0))


def test_the_list_says_what_is_past_review_a_week(cast, home, officer, django_assert_max_num_queries):
    assert "No additional services" in text(officer.get(reverse("services")))
    five_past_review(cast, home)
    with acting_for(cast.authority):
        assert past_review(TODAY) == naive_past_review() == (5, 2120)
    with django_assert_max_num_queries(18):
        page = officer.get(reverse("services"))
    said = text(page)
    assert "Five services are past review: £2,120 a week." in said
    assert said.index("Past 0") < said.index("Today") < said.index("Later")
    assert "Finished" not in said
    past = rows_of(officer.get(reverse("services"), {"review": "past", "format": "csv"}))
    assert [row["service"].rpartition(" ")[2] for row in past] == ["0", "1", "2", "3", "4"]
    assert sum(Decimal(row["weekly"]) for row in past) == 2120
    paid = rows_of(officer.get(reverse("services"), {"funder": "education", "format": "csv"}))
    assert [row["payers"] for row in paid] == ["Education"]
    assert len(rows_of(officer.get(reverse("services"), {"funder": "social_care", "format": "csv"}))) == 6
    soon = rows_of(officer.get(reverse("services"), {"review": "soon", "format": "csv"}))
    assert [row["service"].rpartition(", ")[2] for row in soon] == ["Today"]
    assert signed_in(cast.person("analyst")).get(reverse("services")).content.decode().count('name="line"') == 0
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert "No additional services" in text(stranger.get(reverse("services")))


def hidden(answer, name) -> list[str]:
    return re.findall(f'name="{name}" value="([^"]+)"', answer.content.decode())


def test_several_are_reviewed_together_once_what_changes_was_seen(cast, home, officer):
    lines = five_past_review(cast, home)
    address = reverse("services-review")
    assert "Choose at least one service" in text(officer.get(address))
    ticked = [str(line.uuid) for line in lines[:3]]
    assert officer.get(address, {"line": ticked}).status_code == 200
    sent = {"line": ticked, "decision": "continue", "reason": "", **day("next_review_on", date(2026, 12, 1)),
            **day("until", date(2026, 12, 31))}  # fmt: skip
    assert "Say why: it stays on the record" in text(officer.post(address, sent))
    sent["reason"] = "Still needed"
    seen = officer.post(address, sent)
    assert "Nothing is changed yet" in text(seen)
    assert "the last day becomes 31 December 2026, it was 30 September 2026; the next review is on 1 December" in text(
        seen
    )
    with acting_for(cast.authority):
        assert set(CostLine.objects.filter(uuid__in=ticked).values_list("ends_before", flat=True)) == {
            date(2026, 10, 1)
        }
    done = officer.post(address, {**sent, "read": hidden(seen, "read"), "confirm": "1"})
    assert done.status_code == 302
    with acting_for(cast.authority):
        after = CostLine.objects.filter(uuid__in=ticked)
        assert {(each.ends_before, each.review_on, each.review_note) for each in after} == {
            (date(2027, 1, 1), date(2026, 12, 1), "Still needed")
        }
        assert past_review(TODAY)[0] == 2


def test_a_review_that_cannot_be_done_changes_none_of_them(cast, home, officer):
    lines = five_past_review(cast, home)
    sent = {"line": [str(line.uuid) for line in lines], "decision": "continue", "reason": "Still needed",
            **day("next_review_on", date(2026, 12, 1))}  # fmt: skip
    assert "before that review" in text(officer.post(reverse("services-review"), sent))
    missing = {"line": sent["line"], "decision": "end", "reason": "Over"}
    assert "Enter the last day" in text(officer.post(reverse("services-review"), missing))
    ended = missing | day("until", date(2026, 4, 30))
    seen = officer.post(reverse("services-review"), ended)
    with acting_for(cast.authority):  # meanwhile somebody else changes one of them
        CostLine.objects.filter(pk=lines[1].pk).update(review_on=date(2026, 9, 1))
    told = officer.post(reverse("services-review"), {**ended, "read": hidden(seen, "read"), "confirm": "1"})
    assert "Somebody else changed One-to-one or two-to-one staffing, Past 1 of Placement" in text(told)
    with acting_for(cast.authority):
        assert not CostLine.objects.filter(ends_before=date(2026, 5, 1)).exists()
    seen = officer.post(reverse("services-review"), ended)
    assert officer.post(
        reverse("services-review"), {**ended, "read": hidden(seen, "read"), "confirm": "1"}
    ).status_code == 302  # fmt: skip
    with acting_for(cast.authority):
        assert CostLine.objects.filter(ends_before=date(2026, 5, 1)).count() == 5


def test_one_is_ended_early_or_goes_on_at_another_price(cast, home, officer):
    with acting_for(cast.authority):
        line = service(home)
    address = reverse("line-end", args=[home.uuid, line.uuid])
    sent = {"version": "1", "what": "end", **day("ends_before", date(2026, 4, 30)), "reason": "No longer needed"}
    assert "Say why" in text(officer.post(address, sent | {"reason": ""}))
    assert officer.post(address, sent).status_code == 302
    second = officer.post(address, sent | day("ends_before", date(2026, 3, 31)))
    assert "Somebody else changed this while you were typing" in text(second)
    assert "Stored now: 30 April 2026 You typed: 31 March 2026" in text(second)
    core = reverse("line-end", args=[home.uuid, _core(cast).uuid])
    dearer = {"version": "1", "what": "price", **day("ends_before", date(2026, 3, 31)), "reason": "Uplift"}
    assert "Enter the new price" in text(officer.post(core, dearer))
    assert officer.post(core, dearer | {"amount": "4,300"}).status_code == 302
    with acting_for(cast.authority):
        line.refresh_from_db()
        assert line.ends_before == date(2026, 5, 1)
        prices = CostLine.objects.filter(category="core").order_by("starts_on")
        assert list(prices.values_list("weekly_amount", "starts_on", "ends_before")) == [
            (4200, date(2025, 6, 2), date(2026, 4, 1)),
            (4300, date(2026, 4, 1), None),
        ]


def _core(cast) -> CostLine:
    with acting_for(cast.authority):
        return CostLine.objects.filter(category="core").first()


def test_a_core_price_and_a_discount_are_added(cast, home, officer):
    sent = {"category": "discount", "amount": "30", "unit": "week", "quantity": "1", "description": "Siblings",
            **day("starts_on", date(2025, 6, 2))}  # fmt: skip
    assert officer.post(reverse("line-new", args=[home.uuid]), sent).status_code == 302
    with acting_for(cast.authority):
        discount = CostLine.objects.get(category="discount")
        assert discount.weekly_amount == -30
    parts = {"known": "", "social_care": "20", "health": "10"}
    assert officer.post(reverse("funding", args=[home.uuid, discount.uuid]), parts).status_code == 302
    with acting_for(cast.authority):
        assert {part.weekly_amount for part in discount.splits.all()} == {Decimal(-20), Decimal(-10)}


def test_who_pays_comes_to_the_whole_or_says_by_how_much_not(cast, home, officer):
    core = _core(cast)
    address = reverse("funding", args=[home.uuid, core.uuid])
    assert 'value="4200.00"' in officer.get(address).content.decode()
    short = officer.post(address, {"known": "", "social_care": "4,000", "health": "150"})
    assert (
        "The parts come to £4,150.00 a week and the line to £4,200.00: they must be equal. That is £50.00 too little."
    ) in text(short)
    assert 'value="150"' in short.content.decode()
    assert officer.post(address, {"known": "", "social_care": "4,000", "health": "200"}).status_code == 302
    late = officer.post(address, {"known": "", "social_care": "4,200"})
    assert "Somebody else changed this while you were typing" in text(late)
    assert "Stored now: £200.00 You typed: nothing" in text(late)
    known = hidden(late, "known")
    finance = signed_in(cast.person("finance_officer"))
    assert finance.post(address, {"known": known, "social_care": "4,200"}).status_code == 302
    with acting_for(cast.authority):
        assert [(part.funder, part.weekly_amount) for part in core.splits.all()] == [("social_care", 4200)]


def test_parts_in_pence_of_a_line_that_has_more(cast, home, officer):
    with acting_for(cast.authority):
        line = service(home, "10.55", quantity=Decimal("7.25"))
        assert line.weekly_amount == Decimal("76.4875")
    sent = {"known": "", "social_care": "50.00", "education": "26.49"}
    assert officer.post(reverse("funding", args=[home.uuid, line.uuid]), sent).status_code == 302
    with acting_for(cast.authority):
        assert sum(part.weekly_amount for part in line.splits.all()) == line.weekly_amount
