"""The referral log as a file: read, refused row by row with a sentence, changed by a later file, never doubled."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from commissioning.kernel.models import ImportRemark
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import Child, ChildReference, Offer, Referral
from contracts.sources.referrals_template import OFFERS, REFERRALS
from tests.contracts.bought import BY, child_of
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ONE, TWO, THREE = (f"Invented Provider {n} Ltd" for n in (1, 2, 3))


@pytest.fixture
def own(cast):
    return lambda: acting_as(Viewer.of_authority(cast.authority.pk), by=BY)


def search(reference: str = "R-1", **more) -> dict:
    return {
        "Referral reference": reference, "Child reference": "LCS-1", "Opened at": datetime(2026, 3, 2, 9, 15),
        "Needed by": date(2026, 3, 4), "Urgency": "Planned", "In-house tried": "no", "Service type": "Fostering",
    } | more  # fmt: skip


def asked(provider: str, reference: str = "R-1", **more) -> dict:
    return {
        "Referral reference": reference, "Provider": provider, "Asked at": "02/03/2026 09:30", "Framework": "IFA-TEST",
        "Lot": "1",
    } | more  # fmt: skip


OFFERED = {"Answered at": "2026-03-02T11:00", "Answer": "Offered a home", "Weekly price": "812.40", "Suitable": "yes"}
CLOSED = {"Outcome": "A home was found", "Closed at": "03/03/2026 10:00", "Why chosen": "Near school"}
DECLINED = {"Answered at": "02/03/2026 16:05", "Answer": "declined", "Decline reason": "No vacancy"}


def book(searches: list[dict], offers: list[dict] = ()) -> bytes:
    workbook = Workbook()
    for number, (title, table, rows) in enumerate((("Referrals", REFERRALS, searches), ("Offers", OFFERS, offers))):
        sheet = workbook.active if number == 0 else workbook.create_sheet()
        sheet.title = title
        headings = [field.heading for field in table.fields]
        sheet.append(headings)
        for row in rows:
            assert set(row) <= set(headings), set(row) - set(headings)
            sheet.append([row.get(heading) for heading in headings])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def load(cast, searches, offers=()):
    return send("referrals", book(searches, offers), cast.authority, name="log.xlsx")


def remarks(own, run) -> list[tuple[str, str]]:
    with own():
        return list(ImportRemark.objects.filter(run=run).order_by("pk").values_list("outcome", "says"))


WHOLE = (
    [search(**CLOSED), search("R-2", **{"Child reference": "LCS-2", "Urgency": "emergency", "Siblings": 1})],
    [
        asked(ONE, Chosen="yes", **OFFERED),
        asked(TWO, **DECLINED),
        asked("Alder Fostering", Framework=None, Lot=None),
        asked(ONE, "R-2"),
    ],
)


def test_a_file_becomes_searches_and_questions(cast, own):
    with own():
        known = child_of(cast.authority, "lcs-1")
    run = load(cast, *WHOLE)
    assert (run.state, run.rows_rejected) == ("loaded", 0), remarks(own, run)
    with own():
        first, second = Referral.objects.order_by("number").select_related("child")
        three, one, two = (
            Offer.objects.filter(referral=first).order_by("provider__name").select_related("provider", "lot")
        )
        assert first.child == known
        assert second.child.number == 2
        assert ChildReference.objects.count() == 2
        assert (first.opened_at, first.needed_by) == (datetime(2026, 3, 2, 9, 15, tzinfo=UTC), date(2026, 3, 4))
        assert (first.outcome, first.chosen_why, second.siblings) == ("placed", "Near school", 1)
        assert (one.answer, one.weekly_amount, one.chosen, one.suitable) == ("offered", Decimal("812.40"), True, True)
        assert (two.answer, two.decline_reason, two.lot.number) == ("declined", "no_vacancy", "1")
        assert (three.provider.name, three.lot, three.answer) == ("Alder Fostering", None, "")
        assert {(o.urgency, o.service_type) for o in Offer.objects.filter(referral=second)} == {
            ("emergency", "fostering")
        }
        assert (first.source_import_id, first.source_sheet, first.source_row) == (run.pk, "Referrals", 2)


def facts(own) -> list:
    with own():
        return [list(m.objects.order_by("pk").values()) for m in (Child, ChildReference, Referral, Offer)]


def test_the_same_file_twice_changes_nothing(cast, own):
    load(cast, *WHOLE)
    before = facts(own)
    run = load(cast, *WHOLE)
    assert run.rows_rejected == 0
    assert facts(own) == before


def test_a_later_file_changes_what_it_says_and_silence_changes_nothing(cast, own):
    load(cast, *WHOLE)
    load(
        cast,
        [search(), search("R-2", **{"Child reference": "LCS-2", "Urgency": "planned"})],
        [asked(ONE), asked(ONE, "R-2", **DECLINED)],
    )
    with own():
        first, second = Referral.objects.order_by("number")
        assert (first.outcome, second.urgency, second.siblings) == ("placed", "planned", 1)
        assert Offer.objects.get(referral=first, chosen=True).answer == "offered"
        late = Offer.objects.get(referral=second)
        assert (late.answer, late.urgency) == ("declined", "planned")


def test_the_choice_moves_when_the_file_says_both(cast, own):
    load(cast, [search(**CLOSED)], [asked(ONE, Chosen="yes", **OFFERED), asked(TWO, **OFFERED)])
    refused = load(cast, [search(**CLOSED)], [asked(TWO, Chosen="yes", **OFFERED)])
    assert "another offer of this search is chosen on record" in remarks(own, refused)[-1][1]
    run = load(cast, [search(**CLOSED)], [asked(TWO, Chosen="yes", **OFFERED), asked(ONE, Chosen="no", **OFFERED)])
    assert run.rows_rejected == 0
    with own():
        assert Offer.objects.get(chosen=True).provider.name == TWO


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"Outcome": None, "Closed at": "03/03/2026 10:00"}, "closed without an outcome"),
        ({"Outcome": "withdrawn", "Closed at": None}, "has an outcome and is not closed"),
        ({"Outcome": "withdrawn", "Closed at": "02/03/2026 09:00"}, "closed before it was opened"),
        ({"Opened at": "21/04/2026 09:00", "Needed by": date(2026, 5, 1)}, "this day has not come"),
        ({"Opened at": "02/03/2026 25:00"}, "has no such time"),
        ({"Opened at": "10/05/2011 09:00", "Needed by": date(2011, 5, 12)}, "Child 1 was born after this search"),
        ({"Urgency": "soonish"}, "is not a known urgency"),
        ({"Needed by": None}, "this cell is empty"),
        ({"Siblings": "three"}, "is not a whole number"),
    ],
)
def test_a_search_that_cannot_be_is_refused(cast, own, changed, says):
    with own():
        child_of(cast.authority, "LCS-1")
    run = load(cast, [search(**changed)])
    assert run.rows_rejected == 1
    assert any(outcome == "rejected" and says in said for outcome, said in remarks(own, run)), remarks(own, run)
    with own():
        assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([asked(ONE, **OFFERED | {"Answered at": "02/03/2026 09:29"})], "answered before it was asked"),
        ([asked(ONE, **OFFERED | {"Answered at": None})], "say when it was answered"),
        ([asked(ONE, **{"Answered at": "02/03/2026 10:00"})], "say what the provider answered"),
        ([asked(ONE, **OFFERED | {"Decline reason": "price"})], "a reason for declining is given"),
        ([asked(ONE, Chosen="yes", **DECLINED)], "it is chosen, and no offer of it stands"),
        ([asked(ONE, Chosen="yes", **OFFERED), asked(TWO, Chosen="yes", **OFFERED)], "two rows of this search"),
        ([asked("Nobody Homes Ltd")], "no provider is recorded as “Nobody Homes Ltd”"),
        ([asked(ONE, Lot="9")], "the framework has no lot 9"),
        ([asked(ONE, Lot=None)], "give the framework and the lot, or neither"),
        ([asked(ONE, Framework="XX-1")], "no framework has the reference XX-1"),
        ([asked(ONE, Framework="SEMI-TEST")], "never took part in this framework"),
        ([asked(ONE, "R-9")], "no referral has this reference"),
        ([asked(ONE), asked(ONE)], "another row asks the same provider"),
        ([asked(ONE, **{"Asked at": "21/04/2026 09:00"})], "this day has not come"),
    ],
)
def test_a_question_that_cannot_be_is_refused_and_its_search_stays(cast, own, rows, says):
    run = load(cast, [search()], rows)
    assert any(outcome == "rejected" and says in said for outcome, said in remarks(own, run)), remarks(own, run)
    with own():
        assert Referral.objects.count() == 1
        assert Offer.objects.count() == len(rows) - run.rows_rejected


def test_what_is_odd_is_taken_and_said(cast, own):
    run = load(
        cast,
        [search(**{"Needed by": date(2026, 3, 1)})],
        [asked(ONE, **{"Asked at": "01/03/2026"}), asked("Alder Fostering")],
    )
    said = [text for outcome, text in remarks(own, run)]
    assert run.rows_rejected == 0, said
    for words in (
        "needed by 1 March 2026, before the search was opened", "asked before the search was opened",
        "no time is given: the day’s beginning was taken", "the provider had no place on lot 1 that day",
    ):  # fmt: skip
        assert any(words in text for text in said), said


def test_a_row_of_another_child_and_a_refused_search_are_refused(cast, own):
    load(cast, [search()])
    other = load(cast, [search(**{"Child reference": "LCS-7"})])
    assert "recorded for Child 1, and this row names another" in remarks(own, other)[-1][1]
    run = load(cast, [search("R-5", Urgency="soonish"), search("R-6"), search("R-6")], [asked(ONE, "R-5")])
    said = [text for _, text in remarks(own, run)]
    assert any("its referral was rejected" in text for text in said), said
    assert any("another row has the same reference" in text for text in said), said


def test_times_are_those_of_london(cast, own):
    load(cast, [search(**{"Opened at": "01/04/2026 09:15", "Needed by": date(2026, 4, 2)})])
    with own():
        assert Referral.objects.get().opened_at == datetime(2026, 4, 1, 8, 15, tzinfo=UTC)
