"""Agreements as officers meet them: made by the form, amended by two people at once, compared, printed, immutable."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from contracts.actions.agreements import AgreedMeanwhile
from contracts.actions.children import find_child
from contracts.actions.cost_lines import replace_cost_line, set_funding
from contracts.models import AgreementVersion, CostLine, Outcome
from contracts.rules.amendments import changed_rows
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly
from tests.contracts.samples_agreements import acting_for, agreed, service, with_statements
from tests.contracts.test_placement_pages import award_of, day, signed_in, text
from tests.paper import printed

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
REFERENCE = "CASE-99-SECRET"
BORN = date(2010, 5, 17)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    with_statements()
    return signed_in(cast.person("placements_officer"))


@pytest.fixture
def home(cast):
    """Southwark's spot home with a core price of £4,200.00 and £250.00 of staffing a week."""
    with_statements()
    with acting_for(cast.authority):
        made = spot_placement(child_of(cast.authority, REFERENCE, born_on=BORN))
        weekly(made, "4200.00", description="Bed and care")
        service(made)
        return made


def filled(home, cast, **more):
    """What the form of version 1 sends."""
    with acting_for(cast.authority):
        lines = [str(line.uuid) for line in home.costlines.order_by("pk")]
    return {
        "base": "0", **day("agreed_on", date(2025, 6, 1)), **day("starts_on", date(2025, 6, 2)),
        **day("planned_end_on", date(2026, 12, 1)), "notice_days": "28", "lines": lines, "price_asked": "4,700.00",
        "price_agreed": "£4,450.00", "negotiated_by": "Officer in charge", "negotiation": "Compared with two homes",
        "included": ["clothing", "savings"], "included_note": "Savings of £10 a week",
        "sought_1": "I go to my own school", "statements_1": ["4", "7"], "baseline_1": "2",
        "provider_signatory": "Registered manager", "authority_signatory": "Head of placements",
    } | more  # fmt: skip


def version_of(home, cast, number):
    with acting_for(cast.authority):
        return AgreementVersion.objects.get(placement=home, number=number)


def test_an_agreement_is_made_by_its_form_and_says_everything(cast, home, officer):
    empty = text(officer.get(reverse("agreement", args=[home.uuid])))
    assert "No agreement yet" in empty
    shown = officer.get(reverse("agreement-new", args=[home.uuid])).content.decode()
    assert "I want to feel settled and comfortable in the place that I live" in shown
    done = officer.post(reverse("agreement-new", args=[home.uuid]), filled(home, cast))
    assert done.status_code == 302, text(done)
    made = version_of(home, cast, 1)
    assert (made.price_asked, made.price_agreed, made.included) == (4700, 4450, ["clothing", "savings"])
    assert [line["weekly_amount"] for line in made.lines] == ["4200.0000", "250.0000"]
    assert {part["funder"] for part in made.funding} == {"social_care"}
    assert made.outcomes[0]["statements"][1] == {
        "number": 7, "words": "I want to feel settled and comfortable in the place that I live",
    }  # fmt: skip
    page = text(officer.get(reverse("agreement", args=[home.uuid])))
    for said in (
        "£4,450.00 a week from 2 June 2025: £250.00 less than the provider asked", "28 days", "Officer in charge",
        "Additional service: One-to-one or two-to-one staffing", "£25.00 an hour, 10 a week", "1 December 2026",
        "Savings of £10 a week", "I go to my own school", "Social care", "Version 1",
    ):  # fmt: skip
        assert said in page, said
    assert "Pocket money No" in page
    assert "Clothing Yes" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"price_agreed": "4400.00"}, "The lines chosen come to £4,450.00 a week; £4,400.00 is £50.00 less"),
        ({"negotiation": ""}, "Say why the price agreed is not the price asked"),
        ({"negotiated_by": ""}, "Say who negotiated"),
        ({"starts_on_0": "1"}, "The child came on 2 June 2025"),
        ({"agreed_on_2": "2027"}, "cannot have been made after today"),
        ({"planned_end_on_2": "2024"}, "The planned end comes after the start"),
        ({"statements_1": []}, "Choose at least one I statement"),
        ({"baseline_1": ""}, "Choose where things stand now"),
        ({"notice_days": "a month"}, "Enter days as a whole number"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_keeps_what_was_typed(cast, home, officer, change, says):
    answer = officer.post(reverse("agreement-new", args=[home.uuid]), filled(home, cast, **change))
    assert answer.status_code == 200
    assert says in text(answer)
    assert "Savings of £10 a week" in answer.content.decode()
    with acting_for(cast.authority):
        assert not AgreementVersion.objects.exists()
        assert not Outcome.objects.exists()


def test_a_line_that_ended_before_is_refused(cast, home):
    with acting_for(cast.authority):
        core = CostLine.objects.get(placement=home, category="core")
        replace_cost_line(line=core, amount=Decimal(4300), starts_on=date(2025, 9, 1), reason="Uplift", by=BY)
        old = CostLine.objects.get(pk=core.pk)
        with pytest.raises(ValidationError, match="ended before the agreement starts"):
            agreed(home, [old], starts_on=date(2025, 9, 1))


@pytest.mark.parametrize(("born", "needed"), [(date(2009, 6, 2), True), (date(2009, 6, 3), False)])
def test_a_fostered_child_of_16_has_staying_put_terms_or_a_reason(cast, officer, born, needed):
    with acting_for(cast.authority):
        fostered = framework_placement(child_of(cast.authority, born_on=born), award_of(cast))
        weekly(fostered, "800.00")
    sent = filled(fostered, cast, price_asked="", price_agreed="800.00", agreed_on_0="2")
    sent |= day("agreed_on", date(2025, 6, 2))
    answer = officer.post(reverse("agreement-new", args=[fostered.uuid]), sent)
    if not needed:
        assert answer.status_code == 302
        return
    assert "Enter the staying-put terms, or say below why there are none" in text(answer)
    sent["staying_put_absence"] = "Moves to her aunt at 18"
    assert officer.post(reverse("agreement-new", args=[fostered.uuid]), sent).status_code == 302
    assert "Moves to her aunt at 18" in text(officer.get(reverse("agreement", args=[fostered.uuid])))


def amendment(cast, home, **more):
    """What the form of version 2 sends: the core price went up, from 1 February 2026."""
    with acting_for(cast.authority):
        running = home.costlines.on(date(2026, 2, 1)).order_by("pk")
        kept = [str(each.uuid) for each in Outcome.objects.filter(placement=home, dropped_on=None)]
        sent = {
            "base": "1", "changes": "Yearly uplift", **day("agreed_on", date(2026, 1, 20)),
            **day("starts_on", date(2026, 2, 1)), "notice_days": "56", "kept": kept,
            "lines": [str(line.uuid) for line in running],
            "price_agreed": str(sum(line.weekly_amount for line in running)), "included": ["clothing"],
        }  # fmt: skip
    return sent | more


def with_first_version(cast, home, officer):
    assert officer.post(reverse("agreement-new", args=[home.uuid]), filled(home, cast)).status_code == 302
    with acting_for(cast.authority):
        core = CostLine.objects.get(placement=home, category="core")
        replace_cost_line(line=core, amount=Decimal(4300), starts_on=date(2026, 2, 1), reason="Uplift", by=BY)
        staffing = CostLine.objects.get(placement=home, category="additional")
        set_funding(line=staffing, parts={"health": (Decimal(250), Decimal(0))}, by=BY)


def test_an_amendment_shows_what_changed(cast, home, officer):
    with_first_version(cast, home, officer)
    assert officer.get(reverse("agreement-new", args=[home.uuid])).status_code == 302
    form = officer.get(reverse("agreement-amend", args=[home.uuid])).content.decode()
    assert "Compared with two homes" not in form  # the price of this version was not negotiated yet
    assert "Registered manager" in form
    sent = amendment(cast, home, sought_1="I see my brother", statements_1=["4"], baseline_1="3", kept=[])
    refused = officer.post(reverse("agreement-amend", args=[home.uuid]), sent | {"changes": ""})
    assert "Say why the agreement changes" in text(refused)
    done = officer.post(reverse("agreement-amend", args=[home.uuid]), sent)
    assert done.status_code == 302, text(done)
    page = text(officer.get(done["Location"]))
    assert "Why it changed: Yearly uplift" in page
    for said in (
        "Notice 28 days 56 days", "Price agreed £4,450.00 a week £4,550.00 a week",
        "Included Clothing, Savings Clothing", "Core: Bed and care none £4,300.00 a week, from 1 February 2026",
        "ended, or no longer in it", "Social care £250.00 a week Health £250.00 a week",
        "Who pays: Additional service: One-to-one or two-to-one staffing", "Outcome none I see my brother",
        "Outcome I go to my own school no longer sought",
    ):  # fmt: skip
        assert said in page, said
    first = text(officer.get(reverse("agreement-version", args=[home.uuid, 1])))
    assert "This is an earlier version" in first
    assert "£4,450.00 a week from 2 June 2025" in first
    assert officer.get(reverse("agreement-version", args=[home.uuid, 3])).status_code == 404
    with acting_for(cast.authority):
        dropped = Outcome.objects.get(sought="I go to my own school")
        assert dropped.dropped_on == date(2026, 1, 20)


def test_of_two_who_amend_at_once_the_second_is_told_and_keeps_what_was_typed(cast, home, officer):
    with_first_version(cast, home, officer)
    address = reverse("agreement-amend", args=[home.uuid])
    first, second = amendment(cast, home, notice_days="70"), amendment(cast, home, changes="Signatory left")
    first |= {"sought_1": "I see my brother", "statements_1": ["4"], "baseline_1": "3"}
    second["included_note"] = "Typed by the second"
    assert officer.post(address, first).status_code == 302
    other = signed_in(cast.person("commissioning_officer"))
    told = other.post(address, second)
    assert told.status_code == 200
    said = text(told)
    assert "Somebody else made version 2 while you were typing" in said
    assert "Notice Before: 28 days Now: 70 days" in said
    assert "Typed by the second" in told.content.decode()
    assert 'name="base" value="2"' in told.content.decode()
    # Saved again, it is version 3, and the first one's outcome is still sought.
    kept = [box for box in re.findall(r"<input[^>]*name=.kept.[^>]*>", told.content.decode()) if "checked" in box]
    kept = [re.search(r'value="([^"]+)"', box)[1] for box in kept]
    assert len(kept) == 2
    assert other.post(address, second | {"base": "2", "kept": kept}).status_code == 302
    assert len(version_of(home, cast, 3).outcomes) == 2


def test_two_first_versions_at_once(cast, home, officer):
    address = reverse("agreement-new", args=[home.uuid])
    assert officer.post(address, filled(home, cast)).status_code == 302
    told = officer.post(address, filled(home, cast, included_note="Typed by the second"))
    assert "Somebody else made version 1 while you were typing" in text(told)
    assert "Typed by the second" in told.content.decode()


def test_the_same_moment_is_caught_by_the_database(cast, home, officer, monkeypatch):
    """Both read version 1 before either saved: the unique number refuses the second, in the same words."""
    with_first_version(cast, home, officer)
    address, sent = reverse("agreement-amend", args=[home.uuid]), amendment(cast, home)
    assert officer.post(address, sent).status_code == 302
    first = version_of(home, cast, 1)
    answers = iter([first])
    from contracts.actions import agreements

    plain = agreements.newest_version
    monkeypatch.setattr(agreements, "newest_version", lambda home: next(answers, None) or plain(home))
    with acting_for(cast.authority), pytest.raises(AgreedMeanwhile) as refused:
        agreed(home, list(home.costlines.on(date(2026, 2, 1))), base=1, starts_on=date(2026, 2, 1))
    assert refused.value.now.number == 2
    answers = iter([first])
    monkeypatch.setattr("contracts.pages.agreements.newest_version", lambda home: first)
    assert "Somebody else made version 2 while you were typing" in text(officer.post(address, sent))


def test_the_database_lets_nobody_change_a_version(cast, home):
    with acting_for(cast.authority):
        agreed(home, list(home.costlines.all()))
        for change in (
            lambda: AgreementVersion.objects.update(notice_days=1),
            lambda: AgreementVersion.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()
        with pytest.raises(IntegrityError, match="agreement_version_once"), transaction.atomic():
            AgreementVersion.objects.create(
                authority=cast.authority, placement=home, number=1, agreed_on=TODAY, starts_on=TODAY, notice_days=1,
                price_agreed=1,
            )  # fmt: skip


def test_the_printed_agreement_is_whole_and_names_no_child(cast, home, officer):
    sent = filled(home, cast, provider_signatory="Zażółć “Ł” 陳 – manager")
    assert officer.post(reverse("agreement-new", args=[home.uuid]), sent).status_code == 302
    answer = officer.get(reverse("agreement-pdf", args=[home.uuid, 1]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    said = printed(answer.content)
    with acting_for(cast.authority):
        child = find_child(authority=cast.authority, reference=REFERENCE)
    for words in (
        "Individual Placement Agreement, version 1", f"Child {child.number}", "Southwark", "Page 1 of", "£4,450.00",
        "Bed and care", "28 days", "I go to my own school", "Pocket money", "Signed ____", "Head of placements",
        "1 December 2026", "Social care", 'Zazólc "L" ? - manager', "Some letters cannot be printed here",
        "settled and comfortable",
    ):  # fmt: skip
        assert words in said, (words, said)
    for secret in (REFERENCE, "17 May 2010", "17/05/2010", "2010-05-17", "2010"):
        assert secret not in said
        assert secret.encode() not in answer.content
    assert REFERENCE not in text(officer.get(reverse("agreement", args=[home.uuid])))
    amended = amendment(cast, home)
    assert officer.post(reverse("agreement-amend", args=[home.uuid]), amended).status_code == 302
    second = printed(officer.get(reverse("agreement-pdf", args=[home.uuid, 2])).content)
    assert "What changed from version 1" in second
    assert "Yearly uplift" in second
    again = amendment(cast, home, base="2", notice_days="70")
    assert officer.post(reverse("agreement-amend", args=[home.uuid]), again).status_code == 302
    assert "Some letters" not in printed(officer.get(reverse("agreement-pdf", args=[home.uuid, 3])).content)


def test_who_may_read_an_agreement_and_not_make_one(cast, home):
    reader = signed_in(cast.person("analyst"))
    page = reader.get(reverse("agreement", args=[home.uuid])).content.decode()
    assert "Make the agreement" not in page
    assert reader.get(reverse("agreement-new", args=[home.uuid])).status_code == 403


def test_rows_are_told_apart_by_their_key():
    found = changed_rows([{"id": 1, "x": 1}, {"id": 2, "x": 1}], [{"id": 2, "x": 2}, {"id": 3, "x": 1}])
    assert [row["id"] for row in found.added] == [3]
    assert [row["id"] for row in found.gone] == [1]
    assert found.changed == [({"id": 2, "x": 1}, {"id": 2, "x": 2})]
    assert not changed_rows([{"id": 1}], [{"id": 1}])
