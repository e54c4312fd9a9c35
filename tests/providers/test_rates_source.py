"""Rate cards in: what is loaded, what closes what, and what is refused with which sentence."""

import io
from datetime import date
from decimal import Decimal
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection
from django.db.utils import IntegrityError

from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Extension, PriceLine, User
from providers.actions.award_place import end_place
from providers.exports import rate_card
from providers.models import Alias, Award, Rate
from tests.world import BY, NOW, card, row, send, standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ONE = "Invented Provider 1 Ltd"


def remarks(run, as_authority, whose):
    with as_authority(whose):
        return [(r.outcome, r.row, r.column, r.says) for r in run.importremarks.order_by("row", "pk")]


def rates(as_authority, whose, **filters):
    with as_authority(whose):
        found = Rate.objects.filter(**filters).order_by(
            "provider__name", "price_line__code", "authority_id", "starts_on"
        )
        return [(str(r.amount), r.starts_on, r.ends_before) for r in found]


def test_a_new_rate_closes_the_one_before(world, as_authority):
    send("rates", card(row(world.shared, ONE, "790.00", "01/04/2025")), world.southwark)
    run = send("rates", card(row(world.shared, ONE, "£805.50", "01/04/2026")), world.southwark)
    assert (run.rows_read, run.rows_accepted, run.facts_added, run.facts_changed) == (1, 1, 1, 1)
    assert rates(as_authority, world.southwark) == [
        ("790.0000", date(2025, 4, 1), date(2026, 4, 1)),
        ("805.5000", date(2026, 4, 1), None),
    ]


def test_the_same_card_twice_changes_nothing(world, as_authority):
    standard_rates(world)
    before = rates(as_authority, world.lewisham)
    assert len(before) == 36
    rows = [
        row(world.shared, name, Decimal("700.37") + number * 10 + place, "01/04/2025", line)
        for number, name in enumerate(world.providers)
        for place, line in enumerate(("CORE-0-4", "CORE-5-10", "CORE-11-15"))
    ]
    again = send("rates", card(*rows), world.southwark)
    assert (again.facts_added, again.facts_changed, again.rows_rejected) == (0, 0, 0)
    assert rates(as_authority, world.lewisham) == before


def test_only_the_lead_loads_and_the_lead_is_not_named(world, as_authority):
    run = send("rates", card(row(world.pair, ONE, "500")), world.southwark)
    assert run.rows_rejected == 1
    ((outcome, number, column, says),) = remarks(run, as_authority, world.southwark)
    assert (outcome, number, column) == ("rejected", 2, "Framework")
    assert "another authority" in says
    assert "Lewisham" not in says
    assert rates(as_authority, world.lewisham) == []


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"Framework": "NOPE"}, "Framework", "no framework has the reference NOPE"),
        ({"Lot": "9"}, "Lot", "no lot 9"),
        ({"Price line": "CORE-99"}, "Price line", "no price line CORE-99"),
        ({"Provider": "Invented Provider One Ltd"}, "Provider", "nearest: Invented Provider 1 Ltd"),
        ({"Provider": ""}, "Provider", "say which provider"),
        ({"Company number": "90000002"}, "Provider", "are not of one provider"),
        ({"Authority": "Croydon"}, "Authority", "does not take part"),
        ({"Authority": "Atlantis"}, "Authority", "does not take part"),
        ({"Rate": "712.12345"}, "Rate", "more than 4 decimals"),
        ({"Rate": "-5"}, "Rate", ""),
        ({"Rate": "cheap"}, "Rate", "not an amount"),
        ({"From": ""}, "From", "from which day"),
        ({"From": "01/04/2019"}, "Provider", "has no place on lot 1 on 1 April 2019"),
        ({"From": "31/02/2026"}, "From", ""),
        ({"Last day": "31/03/2026"}, "Last day", "before the first"),
    ],
)
def test_a_row_that_cannot_be_says_what_to_change(world, as_authority, change, column, words):
    run = send(
        "rates",
        card(row(world.shared, ONE, "800") | change, row(world.shared, ONE, "1", line="CORE-0-4")),
        world.southwark,
    )
    assert (run.rows_read, run.rows_accepted, run.rows_rejected) == (2, 1, 1)
    found = [r for r in remarks(run, as_authority, world.southwark) if r[0] == "rejected"]
    assert (2, column) in [(number, said) for _, number, said, _ in found]
    assert any(words in says for *_, says in found)
    assert len(rates(as_authority, world.southwark)) == 1


def test_a_provider_is_known_by_number_urn_or_alias(world, as_authority):
    by_number = row(world.shared, "Something else entirely", "700") | {"Company number": "90000001", "Provider": ""}
    assert send("rates", card(by_number), world.southwark).rows_rejected == 0
    with as_authority(world.southwark):
        Alias.objects.create(provider=world.providers[ONE], name="Invented One", folded_name="invented one")
    assert (
        send("rates", card(row(world.shared, "INVENTED ONE", "710", line="CORE-0-4")), world.southwark).rows_rejected
        == 0
    )
    assert len(rates(as_authority, world.southwark, provider=world.providers[ONE])) == 2


def test_an_authority_may_have_a_rate_of_its_own(world, as_authority):
    rows = [row(world.shared, ONE, "800"), row(world.shared, ONE, "780", Authority="Lewisham")]
    assert send("rates", card(*rows), world.southwark).rows_rejected == 0
    with as_authority(world.greenwich):
        assert [str(r.amount) for r in Rate.objects.charged_to(world.greenwich.pk)] == ["800.0000"]
    with as_authority(world.lewisham):
        assert sorted(str(r.amount) for r in Rate.objects.charged_to(world.lewisham.pk)) == ["780.0000", "800.0000"]


def test_rows_that_contradict_each_other_are_all_refused(world, as_authority):
    """Which of two prices counts is not for the order of rows to say."""
    rows = [
        row(world.shared, ONE, "610"),
        row(world.shared, ONE, "650"),
        row(world.shared, ONE, "700", line="CORE-0-4"),
    ]
    run = send("rates", card(*rows), world.southwark)
    assert (run.rows_accepted, run.rows_rejected) == (1, 2)
    assert all("another row prices the same line" in says for *_, says in remarks(run, as_authority, world.southwark))
    overlapping = [
        row(world.shared, ONE, "800", "01/04/2026", **{"Last day": "30/09/2026"}),
        row(world.shared, ONE, "900", "01/06/2026"),
    ]
    assert send("rates", card(*overlapping), world.southwark).rows_rejected == 2


def test_the_same_row_twice_in_a_file_is_loaded_once(world, as_authority):
    run = send("rates", card(row(world.shared, ONE, "610"), row(world.shared, ONE, "610.00")), world.southwark)
    assert (run.rows_accepted, run.rows_rejected, run.facts_added) == (2, 0, 1)
    assert "says the same as" in remarks(run, as_authority, world.southwark)[0][3]


@pytest.mark.parametrize("until", ["", "31/03/2026"])
def test_a_rate_that_is_interrupted_goes_on_afterwards(world, as_authority, until):
    send("rates", card(row(world.shared, ONE, "700", "01/04/2025", **{"Last day": until})), world.southwark)
    before = rates(as_authority, world.southwark)
    june = card(row(world.shared, ONE, "650", "01/06/2025", **{"Last day": "30/06/2025"}))
    run = send("rates", june, world.southwark)
    end = date(2026, 4, 1) if until else None
    after = [
        ("700.0000", date(2025, 4, 1), date(2025, 6, 1)),
        ("650.0000", date(2025, 6, 1), date(2025, 7, 1)),
        ("700.0000", date(2025, 7, 1), end),
    ]
    assert rates(as_authority, world.southwark) == after
    assert "goes on from 1 July 2025" in remarks(run, as_authority, world.southwark)[0][3]
    again = send("rates", june, world.southwark)
    assert (again.facts_added, again.facts_changed) == (0, 0)
    with as_authority(world.southwark):
        for each in (again, run):
            take_back(each, by=BY, now=NOW)
    assert rates(as_authority, world.southwark) == before


def test_a_rate_replaced_for_its_first_months_goes_on_afterwards(world, as_authority):
    send("rates", card(row(world.shared, ONE, "700", "01/04/2025")), world.southwark)
    send("rates", card(row(world.shared, ONE, "650", "01/04/2025", **{"Last day": "30/06/2025"})), world.southwark)
    assert rates(as_authority, world.southwark) == [
        ("650.0000", date(2025, 4, 1), date(2025, 7, 1)),
        ("700.0000", date(2025, 7, 1), None),
    ]


def test_a_refused_row_ends_nobody(world, as_authority):
    on_record = [row(world.shared, ONE, "600", "01/04/2024"), row(world.shared, ONE, "700", "01/04/2026")]
    send("rates", card(*on_record), world.southwark)
    sent = [
        row(world.shared, ONE, "610", "01/06/2024"),
        row(world.shared, ONE, "650", "01/04/2025", **{"Last day": "31/12/2026"}),
    ]
    assert send("rates", card(*sent), world.southwark).rows_rejected == 1
    assert rates(as_authority, world.southwark) == [
        ("600.0000", date(2024, 4, 1), date(2024, 6, 1)),
        ("610.0000", date(2024, 6, 1), date(2026, 4, 1)),
        ("700.0000", date(2026, 4, 1), None),
    ]


def test_a_rate_ends_with_its_place_on_the_lot(world, as_authority):
    with as_authority(world.southwark):
        award = Award.objects.get(framework=world.shared, provider=world.providers[ONE])
        end_place(award=award, ends_before=date(2026, 7, 1), reason="left", by=BY)
    sent = [
        row(world.shared, ONE, "700", "01/04/2026"),
        row(world.shared, ONE, "710", "01/04/2026", "CORE-0-4", **{"Last day": "31/12/2026"}),
    ]
    run = send("rates", card(*sent), world.southwark)
    assert {end for _, _, end in rates(as_authority, world.southwark)} == {date(2026, 7, 1)}
    assert "the rate ends with it" in remarks(run, as_authority, world.southwark)[0][3]


def test_overlap_is_impossible_in_the_database_too(world, as_authority):
    send("rates", card(row(world.shared, ONE, "800")), world.southwark)
    with as_authority(world.southwark):
        held = Rate.objects.select_related("award", "price_line").get()
        held.pk, held.uuid, held.starts_on = None, uuid4(), date(2026, 12, 1)
        with pytest.raises(IntegrityError, match="one_rate_at_a_time"):
            Rate.objects.bulk_create([held])


def test_the_card_comes_back_as_it_went_out(world, as_authority):
    """Download the lot's card, fill it in as a provider would, send it back."""
    with as_authority(world.southwark):
        blank = rate_card(world.shared.lots.get(), viewer="Southwark", today=NOW.date(), made_at=NOW)
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet = book["Rates"]
    headings = {
        cell.value: cell.column for cell in next(r for r in sheet.iter_rows() if any(c.value == "Framework" for c in r))
    }
    first = next(r[0].row for r in sheet.iter_rows() if r[0].value == "IFA-TEST")
    for number, amount in ((first, 755.5), (first + 1, 801)):
        sheet.cell(number, headings["Provider"]).value = ONE
        sheet.cell(number, headings["Rate"]).value = amount
        sheet.cell(number, headings["From"]).value = date(2026, 4, 1)
    out = io.BytesIO()
    book.save(out)
    run = send("rates", out.getvalue(), world.southwark, name="card.xlsx")
    assert (run.rows_read, run.rows_rejected, run.facts_added) == (3, 0, 2)
    assert [amount for amount, *_ in rates(as_authority, world.southwark)] == ["755.5000", "801.0000"]


def test_every_fact_knows_its_file_and_row(world, as_authority):
    run = send("rates", card(row(world.shared, ONE, "800")), world.southwark)
    with as_authority(world.southwark):
        held = Rate.objects.get()
        assert (held.source_import_id, held.source_row) == (run.pk, 2)
        with connection.cursor() as cursor:
            cursor.execute("SELECT import_id, actor FROM audit.providers_rate")
            assert cursor.fetchall() == [(run.pk, BY)]
        assert Award.objects.count() == 6


def changes(run, as_authority, whose):
    with as_authority(whose):
        return sorted((c.operation, c.what, c.detail) for c in run.importchanges.all())


def test_what_a_card_changes_is_said_in_words(world, as_authority):
    send("rates", card(row(world.shared, ONE, "790.00", "01/04/2025")), world.southwark)
    sent = [
        row(world.shared, ONE, "805", "01/12/2026", **{"Last day": "31/01/2027"}),
        row(world.shared, ONE, "640.5", "01/04/2026", "CORE-0-4", Authority="Lewisham"),
    ]
    run = send("rates", card(*sent), world.southwark, load=False)
    with as_authority(world.southwark):
        lines = {line.code: str(line) for line in PriceLine.objects.filter(framework=world.shared)}
    core, young = (f"{ONE}, General, {lines[code]}" for code in ("CORE-5-10", "CORE-0-4"))
    assert changes(run, as_authority, world.southwark) == [
        ("insert", f"{young}, for Lewisham alone, from 1 April 2026: £640.50 a week", ""),
        ("insert", f"{core} from 1 December 2026 to 31 January 2027: £805.00 a week", ""),
        ("insert", f"{core} from 1 February 2027: £790.00 a week", ""),
        ("update", f"{core} from 1 April 2025 to 30 November 2026: £790.00 a week", "now ends on 30 November 2026"),
    ]
    again = send("rates", card(row(world.shared, ONE, "805.00", "01/04/2025")), world.southwark)
    assert "£790.00 to £805.00" in [detail for *_, detail in changes(again, as_authority, world.southwark)]


def test_units_and_names_in_the_list_of_changes(world, as_authority, django_assert_max_num_queries):
    with as_authority(world.southwark):
        PriceLine.objects.filter(code="CORE-0-4", framework=world.shared).update(unit="per_cent", name="Sibling 2")
        PriceLine.objects.filter(code="CORE-5-10", framework=world.shared).update(unit="mile")
    sent = [row(world.shared, ONE, "10", line="CORE-0-4"), row(world.shared, ONE, "0.4575")]
    run = send("rates", card(*sent), world.southwark)
    said = [what for _, what, _ in changes(run, as_authority, world.southwark)]
    assert [what.rpartition(": ")[2] for what in said] == ["£0.4575 a mile", "10%"]
    with as_authority(world.southwark):
        held = list(Rate.objects.values())
    with as_authority(world.southwark), django_assert_max_num_queries(2):  # however many rows are asked for
        assert [source_named("rates").title_of(Rate, each) for each in held * 20]


@pytest.mark.parametrize(
    ("amount", "starts", "says"),
    [
        ("99999", "01/04/2026", "£99,999.00 is 10,915% more than the £907.83 on record until then: check it before"),
        ("99999", "01/04/2025", "£99,999.00 is 10,915% more than the £907.83 on record for that day: check it"),
        ("680", "01/04/2026", "£680.00 is 25% less than the £907.83 on record until then"),
        ("0", "01/04/2026", "£0.00 is no charge at all, and £907.83 was on record until then"),
        ("1134.78", "01/04/2026", None),
        ("907.83", "01/04/2025", None),
    ],
)
def test_a_rate_far_from_the_one_before_is_noted(world, as_authority, amount, starts, says):
    send("rates", card(row(world.shared, ONE, "907.83", "01/04/2025")), world.southwark)
    run = send("rates", card(row(world.shared, ONE, amount, starts)), world.southwark, load=False)
    assert run.rows_accepted == 1
    found = remarks(run, as_authority, world.southwark)
    assert [(o, n, c) for o, n, c, _ in found] == ([("noted", 2, "Rate")] if says else [])
    assert not says or found[0][3].startswith(says)


def test_a_leap_within_a_file_is_noted_once(world, as_authority):
    sent = [
        row(world.shared, ONE, "500", "01/04/2025"),
        row(world.shared, ONE, "800", "01/04/2026"),
        row(world.shared, ONE, "", "01/04/2026", "CORE-0-4"),
        row(world.shared, ONE, "0", "01/04/2026", "CORE-11-15"),
    ]
    found = remarks(send("rates", card(*sent), world.southwark), as_authority, world.southwark)
    assert [(outcome, number) for outcome, number, *_ in found] == [("noted", 3), ("corrected", 4), ("noted", 5)]
    assert "60% more than the £500.00 before it in this file" in found[0][3]
    assert found[2][3] == "£0.00 is no charge at all: check it before loading"


def test_a_rate_does_not_begin_after_the_framework_has_ended(world, as_authority):
    first_day_after = card(row(world.shared, ONE, "800", "01/04/2027"))
    run = send("rates", first_day_after, world.southwark)
    ((outcome, _, column, says),) = remarks(run, as_authority, world.southwark)
    assert (outcome, column) == ("rejected", "From")
    assert "the framework’s last day is 31 March 2027" in says
    assert send("rates", card(row(world.shared, ONE, "800", "31/03/2027")), world.southwark).rows_rejected == 0
    with as_authority(world.southwark):
        taken = Extension.objects.create(framework=world.shared, position=1, months=12)
    assert send("rates", first_day_after, world.southwark).rows_rejected == 1
    with as_authority(world.southwark):
        taken.taken_on = NOW.date()
        taken.save()
    assert send("rates", first_day_after, world.southwark).rows_rejected == 0


def test_the_checked_page_says_what_to_look_at_and_where_to_go(world, client, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    send("rates", card(row(world.shared, ONE, "907.83", "01/04/2025")), world.southwark)
    sent = [row(world.shared, ONE, "99999"), row(world.shared, "Invented & Provider One Ltd", "800")]
    content = card(*sent).replace(b"Provider,", b"Provider name,", 1)
    run = send("rates", content, world.southwark, load=False)

    def page(role):
        with acting_as(Viewer.of_service("tests"), by=BY):
            user = User.objects.create_user(f"{role}@example.test", role=role, authority=world.southwark)
        client.force_login(user)
        return client.get(f"/imports/{run.uuid}/").content.decode()

    html = page("commissioning_officer")
    look = html.index("1 row can be loaded and should be looked at first")
    assert look < html.index("Row 2: £99,999.00 is 10,915% more") < html.index("Load the 1 accepted row")
    link = 'href="/providers/aliases/confirm/?name=Invented+%26+Provider+One+Ltd">Say whose other name this is</a>'
    assert link in html
    assert "or confirm it as another name and send the row again afterwards. <a" in html
    assert "Say whose other name this is" not in page("auditor")
