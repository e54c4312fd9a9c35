"""What cannot be, by the road on which a person would send it: said beside the field or the row, with nothing lost and
nothing written. What two people do in one moment is done once, and the second is told."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.urls import reverse

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.change_child import add_care_status
from contracts.actions.children import add_child, join_children
from contracts.actions.cost_lines import replace_cost_line, set_funding
from contracts.models import CareStatus, Child, CostLine, FundingSplit, Placement
from providers.actions.award_place import end_place
from providers.models import Award
from tests.contracts.bought import BY, TODAY, child_of, spot_placement, weekly
from tests.contracts.test_placement_pages import asked_for, award_of, day, signed_in, text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def own(cast):
    return lambda: acting_as(Viewer.of_authority(cast.authority.pk), by=BY)


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Child, Placement, CostLine, FundingSplit))


def test_a_second_home_by_the_form_is_refused_and_a_short_stay_is_not(cast, own, officer):
    with own():
        spot_placement(child_of(cast.authority, "C-5"))
        before = counts()
    given = asked_for(child="C-5", provider="Invented Provider 1 Ltd", spot_reason="specialist", weekly="900")
    refused = officer.post("/placements/new/?how=spot", given)
    assert "Child 1 has Placement 1 from 2 June 2025, still open" in " ".join(
        refused.context["form"].errors["starts_on"]
    )
    assert 'value="900"' in refused.content.decode()
    with own():
        assert counts() == before
    short = given | {"respite": "on", **day("ends_before", TODAY)}
    assert officer.post("/placements/new/?how=spot", short).status_code == 302
    with own():
        assert Placement.objects.get(respite=True).child.placements.count() == 2


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("/placements/new/?how=spot", asked_for(provider="Invented Provider 1 Ltd", spot_reason="specialist")),
        ("child", {"version": "1", "sex": "", "ethnicity": "", "ehcp": "", "unaccompanied": "", "reason": "Typed"}),
    ],
)
def test_a_child_born_tomorrow(cast, own, officer, address, given):
    with own():
        child = child_of(cast.authority, "C-1")
        before = counts()
    where = reverse("child-change", args=[child.uuid]) if address == "child" else address
    answer = officer.post(where, given | day("born_on", TOMORROW))
    assert "The date of birth is in the future: check the year" in text(answer)
    with own():
        assert counts() == before
        assert Child.objects.get().born_on == date(2012, 5, 17)


def test_a_home_before_the_child_was_born(cast, own, officer):
    """And the refusal does not tell the day."""
    with own():
        child_of(cast.authority, "C-5", born_on=date(2026, 4, 16))
    given = asked_for(child="C-5", provider="Invented Provider 1 Ltd", spot_reason="specialist")
    answer = officer.post("/placements/new/?how=spot", given)
    assert "Child 1 was not born yet on that day" in text(answer)
    assert "16 April" not in text(answer)
    with own():
        assert not Placement.objects.exists()


@pytest.mark.parametrize("last", [date(2026, 4, 12), date(2020, 1, 1)])
def test_an_end_before_the_start(cast, own, officer, last):
    given = asked_for(provider="Invented Provider 1 Ltd", spot_reason="specialist", **day("ends_before", last))
    answer = officer.post("/placements/new/?how=spot", given)
    assert "The placement ends before it starts: check both dates" in text(answer)
    with own():
        assert counts() == (0, 0, 0, 0)
        home = spot_placement(child_of(cast.authority))
    answer = officer.post(reverse("placement-end", args=[home.uuid]), {
        "end_reason": "CREQB", "ended_by": "provider", "ended_as_planned": "False", "destination": "family",
        "version": "1", **day("ends_before", date(2025, 6, 1)),
    })  # fmt: skip
    assert "The child cannot have left before the placement started" in text(answer)
    with own():
        assert Placement.objects.get().ends_before is None


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ({"starts_on": date(2025, 6, 1)}, "The placement starts on 2 June 2025"),
        ({"starts_on": date(2026, 1, 5)}, "The placement ended on 5 January 2026"),
        ({"starts_on": date(2025, 6, 2), "ends_before": date(2026, 1, 5)}, "The placement ended on 5 January 2026"),
        ({"starts_on": date(2025, 8, 2), "ends_before": date(2025, 8, 1)}, "ends before it starts"),
    ],
)
def test_a_cost_line_outside_its_placement(cast, own, officer, days, says):
    """The form asks for the last day: 5 January is one day too late for a child who left that day."""
    with own():
        home = spot_placement(child_of(cast.authority), ends_before=date(2026, 1, 5))
    given = {"category": "core", "amount": "70", "unit": "week", "quantity": "1", "description": "Core"}
    for name, value in days.items():
        given |= day(name, value)
    answer = officer.post(reverse("line-new", args=[home.uuid]), given)
    assert says in text(answer)
    assert 'value="70"' in answer.content.decode()
    with own():
        assert not CostLine.objects.exists()


def test_a_place_that_had_ended_by_the_day_of_call_off(cast, own, officer):
    with own():
        award = award_of(cast)
    with acting_as(Viewer.of_authority(cast.world.shared.lead_authority_id), by=BY):
        end_place(award=Award.objects.get(pk=award.pk), ends_before=date(2026, 4, 1), reason="Left the lot", by=BY)
    given = asked_for(award=str(award.uuid), service_type="fostering", weekly="700")
    answer = officer.post("/placements/new/?how=lot", given)
    assert "This cannot be a framework purchase: the provider had no place on the lot that day" in text(answer)
    with own():
        assert counts() == (0, 0, 0, 0)
    # The day before the place ended it could: what counts is the day of call-off.
    assert officer.post("/placements/new/?how=lot", given | day("called_off_on", date(2026, 3, 31))).status_code == 302


def test_a_price_that_was_wrong_from_the_first_day_is_put_right(cast, own, officer):
    with own():
        home = spot_placement(child_of(cast.authority))
        line = weekly(home, "4200.00")
        set_funding(line=line, parts={"health": (Decimal(4200), Decimal(0))}, by=BY)
        version = CostLine.objects.get().version
    sent = {"version": str(version), "what": "price", "amount": "2400", "reason": "Mistyped",
            **day("ends_before", date(2025, 6, 1))}  # fmt: skip
    assert officer.post(reverse("line-end", args=[home.uuid, line.uuid]), sent).status_code == 302
    with own():
        only = CostLine.objects.get()
        assert (only.weekly_amount, only.starts_on, only.ends_before) == (2400, date(2025, 6, 2), None)
        assert not FundingSplit.objects.exists(), "who pays no longer adds up, and is asked again"
        with pytest.raises(ValidationError, match="starts on 2 June 2025"):
            replace_cost_line(line=only, amount=Decimal(1), starts_on=date(2025, 6, 1), reason="x", by=BY)
    late = officer.post(reverse("line-end", args=[home.uuid, line.uuid]), sent | {"amount": "2500"})
    assert "Somebody else changed this while you were typing" in text(late)


def test_joining_keeps_the_age_that_only_one_record_has(cast, own):
    with own():
        kept = child_of(cast.authority, "A", born_on=None)
        other = child_of(cast.authority, "B", born_on=None, age_recorded=9, age_recorded_on=date(2026, 3, 31))
        # As somebody read it who now joins: what was changed since is not undone.
        Child.objects.filter(pk=kept.pk).update(ethnicity="BCRB")
        joined = join_children(kept=kept, other=other, reason="One child", by=BY, today=TODAY)
        assert (joined.age_on(TODAY), Child.objects.get().ethnicity) == (9, "BCRB")
        with pytest.raises(ValidationError, match="joined with another child meanwhile"):
            join_children(kept=kept, other=other, reason="Again", by=BY, today=TODAY)


# Two people in one moment


def at_once(cast, *works) -> list[str]:
    """Each work in a transaction and thread of its own, begun together: "done", or what the second was told."""
    together, told = threading.Barrier(len(works)), []

    def run(work):
        try:
            with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
                together.wait(timeout=10)
                work()
            told.append("done")
        except ValidationError as refused:
            told.append(" ".join(refused.messages))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(told, key=lambda said: said != "done")


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
class TestTwoPeopleAtOnce:
    def test_one_home_for_one_child(self, cast, own):
        with own():
            child = child_of(cast.authority, "C-1")
        first, second = at_once(cast, *[lambda: spot_placement(Child.objects.get(pk=child.pk))] * 2)
        assert first == "done"
        assert "Child 1 has Placement 1 from 2 June 2025, still open" in second

    def test_one_reference_for_one_placement(self, cast, own):
        with own():
            children = [child_of(cast.authority, name) for name in ("C-1", "C-2")]
        works = [
            lambda each=each: spot_placement(Child.objects.get(pk=each.pk), reference="P/1") for each in children
        ]  # fmt: skip
        assert at_once(cast, *works) == ["done", "Placement 1 has that reference already."]

    def test_one_care_status_at_a_time(self, cast, own):
        with own():
            child = child_of(cast.authority, "C-1")
        first, second = at_once(cast, *[
            lambda status=status: add_care_status(child=child, status=status, starts_on=date(2026, 1, 1), by=BY)
            for status in ("looked_after", "child_in_need")
        ])  # fmt: skip
        assert first == "done"
        assert "A child has one status at a time" in second
        with own():
            assert CareStatus.objects.count() == 1

    def test_one_child_for_one_reference(self, cast, own):
        works = [lambda: add_child(authority=cast.authority, by=BY, today=TODAY, case_reference="C-7")] * 2
        first, second = at_once(cast, *works)
        assert (first, second) == (
            "done",
            "That reference is of Child 1. If they are the same child, join the two.",
        )
