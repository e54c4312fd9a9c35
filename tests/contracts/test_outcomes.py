"""Outcomes for the child: reviewed at six months and at the end, and the list of reviews due."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from contracts.actions.outcomes import review_outcome
from contracts.actions.placements import end_placement
from contracts.measures.outcomes import AHEAD, due_by
from contracts.models import Outcome, OutcomeReview, Placement
from contracts.rules.reviews import reviews_due
from tests.contracts.bought import BY, TODAY, child_of, spot_placement
from tests.contracts.samples_agreements import acting_for, agreed, with_statements
from tests.contracts.test_placement_pages import day, rows_of, signed_in, text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


def home_since(cast, starts_on):
    with acting_for(cast.authority):
        home = spot_placement(child_of(cast.authority), starts_on=starts_on)
        agreed(home, [])
        return home


@pytest.fixture
def home(cast):
    with_statements()
    return home_since(cast, date(2025, 10, 1))


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({}, [("six_month", date(2026, 2, 28))]),
        ({"held": ["six_month"]}, []),
        ({"ended_on": date(2025, 12, 1)}, [("end", date(2025, 12, 1))]),
        ({"ended_on": date(2026, 2, 28)}, [("end", date(2026, 2, 28))]),
        ({"ended_on": date(2026, 3, 1)}, [("six_month", date(2026, 2, 28)), ("end", date(2026, 3, 1))]),
        ({"ended_on": date(2026, 3, 1), "held": ["six_month", "end"]}, []),
        ({"ended_on": date(2026, 3, 1), "held": ["end"]}, []),
        ({"held": ["end"]}, [("six_month", date(2026, 2, 28))]),
        ({"planned_end_on": date(2026, 5, 1), "held": ["six_month"]}, [("end", date(2026, 5, 1))]),
        ({"planned_end_on": date(2026, 4, 1), "held": ["six_month"]}, []),
        ({"dropped_on": date(2025, 10, 1)}, []),
    ],
)
def test_when_reviews_are_due(facts, due):
    given = {"held": []} | facts
    found = reviews_due(date(2025, 8, 31), today=TODAY, **given)
    assert [(each.kind, each.due_on) for each in found] == due


REVIEW = {
    "kind": "six_month", **day("reviewed_on", date(2026, 4, 14)), "now": "4", "evidence": "Slept at home all March",
    "child_view": "I like it here now", "reviewer": "Reviewing officer",
}  # fmt: skip


def test_an_outcome_is_reviewed_by_its_form(cast, home, officer):
    with acting_for(cast.authority):
        outcome = Outcome.objects.get(placement=home)
    before = text(officer.get(reverse("outcomes", args=[home.uuid])))
    assert "“I want to feel safe in the place that I live and sleep”" in before
    assert "Six-month review: 1 April 2026 Overdue" in before
    assert "1 outcome: 1 not reviewed yet." in before
    address = reverse("outcome-review", args=[home.uuid, outcome.uuid])
    for change, says in (
        ({"evidence": ""}, "Say what shows it"),
        ({"reviewer": ""}, "Say who reviewed it"),
        ({"now": "6"}, "6 is not one of the available choices"),
        (day("reviewed_on", date(2026, 4, 21)), "cannot have been held after today"),
        (day("reviewed_on", date(2025, 9, 30)), "was agreed on 1 October 2025"),
    ):
        answer = officer.post(address, REVIEW | change)
        assert says in text(answer)
        assert "I like it here now" in answer.content.decode()
    assert officer.post(address, REVIEW).status_code == 302
    twice = officer.post(address, REVIEW | {"now": "5"})
    assert "Six-month review was held on 14 April 2026 by Reviewing officer" in text(twice)
    after = text(officer.get(reverse("outcomes", args=[home.uuid])))
    assert "1 outcome: 1 further on than at the beginning." in after
    assert "Child 1 says: “I like it here now”" in after
    assert "Overdue" not in after
    with acting_for(cast.authority):
        assert OutcomeReview.objects.count() == 1


def test_pages_a_young_person_may_read_say_home(cast, home, officer):
    for name in ("agreement", "outcomes"):
        page = officer.get(reverse(name, args=[home.uuid])).content.decode()
        body = page[page.index("<main") : page.index("</main>")]
        assert "home" in body
        assert "placement" not in body.replace("/placements/", ""), name


def naive_due() -> list[tuple[int, str, date]]:
    """Every outcome by the rule, without the database's help."""
    found = []
    for outcome in Outcome.objects.all():
        held = {each.kind for each in OutcomeReview.objects.filter(outcome=outcome)}
        home = outcome.placement
        for due in reviews_due(
            outcome.agreed_on, held=held, ended_on=home.ends_before, planned_end_on=home.planned_end_on,
            dropped_on=outcome.dropped_on, today=TODAY,
        ):  # fmt: skip
            if due.due_on <= TODAY + AHEAD:
                found.append((outcome.pk, due.kind, due.due_on))
    return sorted(found)


def test_the_list_of_reviews_due_misses_none(cast, officer, django_assert_max_num_queries):
    with_statements()
    assert "No review is due" in text(officer.get(reverse("outcomes-due")))
    for weeks in range(0, 40, 2):
        home = home_since(cast, TODAY - timedelta(days=weeks * 7 + 150))
        with acting_for(cast.authority):
            if weeks % 6 == 0:
                end_placement(
                    placement=Placement.objects.get(pk=home.pk), ends_before=home.starts_on + timedelta(days=90),
                    end_reason="CARPL", ended_by="plan", ended_as_planned=True, destination="family", by=BY,
                    today=TODAY,
                )  # fmt: skip
            elif weeks % 4 == 0:
                Placement.objects.filter(pk=home.pk).update(planned_end_on=TODAY + timedelta(days=weeks))
            elif weeks % 10 == 0:
                review_outcome(
                    outcome=Outcome.objects.get(placement=home), kind="six_month", reviewed_on=TODAY, now=3,
                    evidence="Seen", reviewer="An officer", by=BY, today=TODAY,
                )  # fmt: skip
    with acting_for(cast.authority):
        expected = naive_due()
        assert sorted((each.outcome.pk, each.due.kind, each.due.due_on) for each in due_by(TODAY)) == expected
        assert {kind for _, kind, _ in expected} == {"six_month", "end"}
    overdue = sum(1 for *_, due_on in expected if due_on < TODAY)
    with django_assert_max_num_queries(14):
        page = officer.get(reverse("outcomes-due"))
    assert f"{overdue} reviews are overdue; {len(expected) - overdue} are due within four weeks." in text(page)
    taken = rows_of(officer.get(reverse("outcomes-due"), {"state": "overdue", "format": "csv"}))
    assert len(taken) == overdue
    stranger = signed_in(cast.person("quality_officer", stranger=True))
    assert "No review is due" in text(stranger.get(reverse("outcomes-due")))
