"""Notifiable events: told by the provider, by an officer, by a file; to each placing authority, whether or not it was
named; read by every member without a word about a child; late or in time; acknowledged."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.models import ImportState
from commissioning.partnership.models import NamedRole
from quality.actions.notify_event import tell_of_event
from quality.measures.events import figures, quarters_to, themes_over_time
from quality.models import Alert, EventNotice, NotifiableEvent
from quality.rules import codes
from quality.rules.lateness import late_by
from tests.contracts.sending import as_book, as_csv
from tests.contracts.watching import own, rows_of, signed_in
from tests.quality.notified import NOON, home, lives_there, when
from tests.reading import text
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST, NEW = "/concerns/events/", "/concerns/events/new/"
SECRET = "C-77 was found in Brighton"
OTHERS = "L-12 was with her"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def contact(cast):
    return signed_in(cast.person("provider_contact"))


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


@pytest.fixture
def elm(cast):
    return home(cast.provider)


def told(cast, elm, **more):
    """As a contact fills the form in: Southwark and Lewisham are told, each of its own child."""
    return {
        "home": str(elm.uuid), "theme": "missing", **when("happened", NOON - timedelta(hours=30)),
        "authority_1": str(cast.authority.uuid), "words_1": SECRET, "authority_2": str(cast.other.uuid),
        "words_2": OTHERS, "reference": "INC-1",
    } | more  # fmt: skip


def one(cast, **more):
    with own(cast.authority):
        return NotifiableEvent.objects.get(**more)


def named(authority, email):
    with own(authority):
        NamedRole.objects.create(authority=authority, role="safeguarding", name="Lead", email=email)


def test_a_contact_notifies_and_everybody_concerned_is_told(
    cast, contact, elm, greenwich, django_capture_on_commit_callbacks
):
    """Southwark and Lewisham are named; Greenwich has a child there and is not."""
    named(cast.authority, "lead@southwark.test")
    named(greenwich, "lead@greenwich.test")
    for authority in (cast.authority, greenwich):
        lives_there(authority, elm)
    with django_capture_on_commit_callbacks(execute=True):
        answer = contact.post(NEW, told(cast, elm))
    assert answer.status_code == 302, text(answer)
    event = one(cast)
    assert (event.rule, event.received_at, event.provider) == ("homes_40", NOON, cast.provider)
    sent = {address: each for each in mail.outbox for address in each.to}
    # Lewisham has named nobody: its quality officer is told instead.
    assert set(sent) == {"lead@southwark.test", "quality_officer@lewisham.test", "lead@greenwich.test"}
    for each in mail.outbox:
        assert SECRET not in each.body
        assert OTHERS not in each.body
        assert "INC-1" not in each.body
        assert f"/concerns/events/{event.uuid}/" in each.body
    page = f"{LIST}{event.uuid}/"
    ours = signed_in(cast.person("quality_officer"))
    shown = text(ours.get(page))
    assert SECRET in shown
    assert OTHERS not in shown
    assert "6 hours late, after 1 day 6 hours" in shown
    assert "Your authority was told on 20 April 2026" in shown
    theirs = signed_in(cast.person("quality_officer", stranger=True))
    assert OTHERS in text(theirs.get(page))
    assert SECRET not in text(theirs.get(page))
    steering = text(signed_in(cast.person("steering_member")).get(page))
    assert SECRET not in steering
    assert "shown to those who work with children" in steering
    assert signed_in(cast.person("provider_contact", stranger=True)).get(page).status_code == 404
    for client in (ours, theirs, contact):
        for address in (LIST, f"{LIST}?format=csv", f"{LIST}?format=xlsx"):
            body = client.get(address).getvalue().decode("utf-8", "replace")
            assert SECRET not in body
            assert OTHERS not in body
    # Greenwich was told because it has a child there, and acknowledges; so does Southwark, and the provider sees it.
    with own(greenwich):
        assert Alert.objects.get().about == event.uuid
    before = text(contact.get(page))
    assert before.count("Not acknowledged yet") == 2
    assert "1 event has been notified, 1 of them late. 1 waits for us to acknowledge." in text(ours.get(LIST))
    assert ours.post(f"{page}acknowledge/", {"words": "Read; our worker visits today"}).status_code == 302
    after = text(contact.get(page))
    assert after.count("Not acknowledged yet") == 1
    assert "Read; our worker visits today" in after
    assert "Read; our worker visits today" not in text(theirs.get(page))
    assert "acknowledged this event already" in text(ours.post(f"{page}acknowledge/", {}))
    with own(cast.authority):
        assert Alert.objects.get().acknowledged_by == cast.person("quality_officer")
    assert "None waits for us" in text(ours.get(LIST))
    assert [row["ours"] for row in rows_of(theirs.get(f"{LIST}?format=csv"))] == ["Not acknowledged"]


def test_who_was_not_named_and_has_nobody_there_reads_and_does_not_acknowledge(
    cast, contact, elm, django_capture_on_commit_callbacks
):
    contact.post(NEW, told(cast, elm, authority_2="", words_2=""))
    event = one(cast)
    theirs = signed_in(cast.person("quality_officer", stranger=True))
    page = f"{LIST}{event.uuid}/"
    assert "did not name your authority, and no child of yours" in text(theirs.get(page))
    for step in ("acknowledge", "close"):
        assert "was not told of this event" in text(theirs.post(f"{page}{step}/", {}))
    assert [row["ours"] for row in rows_of(theirs.get(f"{LIST}?format=csv"))] == [""]
    lives_there(cast.other, elm)
    assert "children of yours live at this home" in text(theirs.get(page))
    assert theirs.post(f"{page}acknowledge/", {}).status_code == 302
    # The provider tells one more, and adds to what it told another.
    assert (
        contact.post(f"{page}tell/", {"authority": str(cast.authority.uuid), "words": "Back home"}).status_code == 302
    )
    assert "enter what is to be added" in text(contact.post(f"{page}tell/", {"authority": str(cast.authority.uuid)}))
    with own(cast.authority):
        notice = EventNotice.objects.get()
    assert notice.words == f"{SECRET}\n\nBack home"
    ours = signed_in(cast.person("quality_officer"))
    assert ours.post(f"{page}acknowledge/", {}).status_code == 302
    tell_of_event(event=event.uuid, named=[cast.authority.pk], others=False)  # as it was of the first words
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        contact.post(f"{page}tell/", {"authority": str(cast.authority.uuid), "words": "Gone again"})
    again = f"{cast.authority.pk}:{len(SECRET) + len('Back home') + len('Gone again') + 4}"
    tell_of_event(event=event.uuid, named=[cast.authority.pk], others=False, more=again)  # by the job behind it
    assert [each.to for each in mail.outbox] == [["quality_officer@southwark.test"]]
    assert "Gone again" not in mail.outbox[0].body
    assert "1 waits for us to acknowledge" in text(ours.get(LIST))  # what was added has not been read
    assert ours.post(f"{page}acknowledge/", {}).status_code == 302
    with own(cast.authority):
        assert not Alert.objects.filter(acknowledged_at=None).exists()
    # An officer records what came to its own authority, and no other's.
    assert theirs.post(f"{page}tell/", {"words": OTHERS, "authority": str(cast.authority.uuid)}).status_code == 302
    with own(cast.other):
        assert EventNotice.objects.get().words == OTHERS
    with own(cast.authority):
        assert OTHERS not in EventNotice.objects.get().words


@pytest.mark.parametrize(("more", "says"), [
    ({"home": ""}, "Choose the home"),
    ({"theme": ""}, "Choose what happened"),
    ({"authority_1": ""}, "Choose the authority that these words are for"),
    (when("happened", NOON + timedelta(hours=1)), "That time has not come"),
    (when("regulator_told", NOON - timedelta(days=3)), "The regulator was told before it happened"),
    ({"happened_time": "25:99"}, "Enter a time, such as 14:05"),
])  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(cast, contact, elm, more, says):
    answer = contact.post(NEW, told(cast, elm, **more))
    assert says in text(answer)
    assert SECRET in answer.content.decode()
    with own(cast.authority):
        assert not NotifiableEvent.objects.exists()


def test_a_contact_notifies_of_its_own_homes_alone(cast, contact, elm):
    foreign = home(cast.rival, "SC900102", name="Birch House")
    school = home(cast.provider, "SC900103", "special_school", "Elm School")
    for wrong in (foreign, school):
        answer = contact.post(NEW, told(cast, elm, home=str(wrong.uuid)))
        assert answer.status_code == 200
        assert wrong.name not in text(contact.get(NEW))
    twice = told(cast, elm, authority_2=str(cast.authority.uuid))
    assert "is named twice" in text(contact.post(NEW, twice))
    contact.post(NEW, told(cast, elm))
    assert "recorded with the reference INC-1 already" in text(contact.post(NEW, told(cast, elm)))


def test_an_officer_records_what_came_by_post(cast, officer, elm, django_capture_on_commit_callbacks):
    lives_there(cast.other, elm)
    sent = {
        "home": "sc900101", "theme": "allegation", **when("happened", NOON - timedelta(hours=5)),
        **when("received", NOON - timedelta(hours=1)), "ours": "on", "words": SECRET,
    }  # fmt: skip
    early = sent | when("received", NOON - timedelta(hours=9))
    assert "It was received before it happened" in text(officer.post(NEW, early))
    assert "No home has the URN" in text(officer.post(NEW, sent | {"home": "Nowhere"}))
    with django_capture_on_commit_callbacks(execute=True):
        assert officer.post(NEW, sent).status_code == 302
    event = one(cast)
    assert "in time, after 4 hours" in text(officer.get(f"{LIST}{event.uuid}/"))
    with own(cast.other):
        assert Alert.objects.count() == 1  # it has a child there
        assert not EventNotice.objects.exists()
    with own(cast.authority):
        assert EventNotice.objects.get().words == SECRET
    assert officer.post(f"{LIST}{event.uuid}/close/").status_code == 302
    assert one(cast).closed_on == date(2026, 4, 20)
    assert "Elm House" not in text(officer.get(f"{LIST}?state=open"))


def test_figures_equal_a_slow_count(cast, elm):
    """Random events of two years against a naive count; the boundaries of lateness by hand."""
    hour = timedelta(hours=1)
    assert late_by("missing", NOON, NOON + 24 * hour) is None
    assert late_by("missing", NOON, NOON + 24 * hour + timedelta(seconds=1)) == timedelta(seconds=1)
    assert late_by("death", NOON, NOON + hour) is None
    assert late_by("death", NOON, NOON + 2 * hour) == hour
    chance = random.Random(7)
    themes = list(codes.EVENT_THEMES)
    rows = []
    for number in range(300):
        happened = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 680))
        lag = timedelta(minutes=chance.choice((0, 30, 60, 61, 600, 1440, 1441, 9000)))
        rows.append(
            NotifiableEvent(
                provider=cast.provider, establishment=elm, reference=f"R{number}", rule="homes_40",
                theme=chance.choice(themes), happened_at=happened, received_at=happened + lag,
            )
        )  # fmt: skip
    with own(cast.authority):
        NotifiableEvent.objects.bulk_create(rows)
        found = themes_over_time(NotifiableEvent.objects.all(), NOON.date())
        totals = figures(NotifiableEvent.objects.all())

    def late(row):
        return row.received_at - row.happened_at > (hour if row.theme == "death" else 24 * hour)

    assert totals == {"n": 300, "late": sum(map(late, rows))}
    assert quarters_to(NOON.date()) == [date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1),
                                        date(2026, 4, 1)]  # fmt: skip
    naive, naive_late = Counter(), Counter()
    for row in rows:
        local = timezone.localtime(row.happened_at)
        if local.date() >= date(2025, 4, 1):
            naive[row.theme, date(local.year, (local.month - 1) // 3 * 3 + 1, 1)] += 1
            naive_late[row.theme] += late(row)
    assert {(row.theme, day): n for row in found for day, n in row.quarters.items()} == dict(naive)
    assert {row.theme: row.late for row in found} == {theme: naive_late[theme] for theme, _ in naive}
    officer = signed_in(cast.person("quality_officer"))
    shown = rows_of(officer.get(f"{LIST}?late=yes&format=csv"))
    assert len(shown) == totals["late"]
    assert f"300 events have been notified, {totals['late']} of them late" in text(officer.get(LIST))


def test_the_list_costs_the_same_however_long(cast, officer, contact, elm):
    def cost(client):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    def add(count, start):
        with own(cast.authority):
            for number in range(count):
                event = NotifiableEvent.objects.create(
                    provider=cast.provider, establishment=elm, reference=f"{start}-{number}", rule="homes_40",
                    theme="missing", happened_at=NOON, received_at=NOON,
                )  # fmt: skip
                EventNotice.objects.create(
                    authority=cast.authority, provider=cast.provider, event=event, told_at=NOON
                )  # fmt: skip

    assert "No events yet" in text(officer.get(LIST))
    add(5, "a")
    cost(contact)  # the first page of a session asks a little more
    few = cost(officer), cost(contact)
    add(45, "b")
    assert (cost(officer), cost(contact)) == few


# The file


def row(reference="E-1", **more):
    return {
        "Event reference": reference, "Provider": "Alder Fostering", "URN": "SC900101", "Theme": "Missing",
        "Happened at": "18/04/2026 22:15", "Received at": "19/04/2026 09:00", "Regulator told at": "19/04/2026 09:30",
        "Closed on": "", "Sent to us": "Yes", "About our child": SECRET,
    } | more  # fmt: skip


def loaded(cast, *rows, book=False):
    content = as_book(Events=list(rows)) if book else as_csv(list(rows))
    run = send("notifiable-events", content, cast.authority, name=f"events.{'xlsx' if book else 'csv'}")
    assert run.state == ImportState.LOADED, run.message
    assert run.rows_read == run.rows_accepted + run.rows_rejected
    return run


@pytest.mark.parametrize("book", [False, True])
def test_a_file_brings_events_and_again_changes_nothing(cast, officer, elm, book):
    rows = [
        row(),
        row("E-2", Theme="restraint", **{"Closed on": "19/04/2026", "Sent to us": "", "About our child": ""}),
    ]
    run = loaded(cast, *rows, book=book)
    assert (run.rows_accepted, run.facts_added) == (2, 3)
    again = loaded(cast, *rows, book=book)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    with own(cast.authority):
        first = NotifiableEvent.objects.get(reference="E-1")
        assert first.happened_at == timezone.make_aware(datetime(2026, 4, 18, 22, 15))
        assert first.rule == "homes_40"
        assert EventNotice.objects.get().words == SECRET
        says = " ".join(run.importremarks.values_list("says", flat=True))
        assert SECRET not in says
    for address in (f"/imports/{run.uuid}/", f"/imports/{run.uuid}/?page=1"):
        assert SECRET not in text(officer.get(address))
    later = loaded(
        cast, row(**{"Theme": "Allegation against the home or a person working there", "Regulator told at": ""})
    )
    assert (later.facts_changed, later.facts_added) == (1, 0)
    changed = one(cast, reference="E-1")
    assert changed.theme == "allegation"
    assert changed.regulator_told_at is not None


def test_bad_rows_go_back_with_what_to_do(cast, elm):
    home(cast.rival, "SC900102", name="Birch House")
    home(cast.provider, "SC900103", "special_school", "Elm School")
    bad = [
        row("B-1", URN="SC999999"), row("B-2", URN="SC900102"), row("B-3", URN="SC900103"),
        row("B-4", Theme="Aliens"), row("B-5", **{"Received at": "17/04/2026 09:00"}),
        row("B-6", **{"Happened at": "22/04/2026 09:00", "Received at": "22/04/2026 10:00", "Regulator told at": ""}),
        row("B-7", **{"Regulator told at": "01/04/2026 09:00"}), row("B-8", **{"Happened at": "18/04/2026 28:99"}),
        row(""), row("B-9"), row("B-9"),
    ]  # fmt: skip
    run = loaded(cast, *bad, row("G-1"))
    assert (run.rows_accepted, run.rows_rejected) == (2, 10)
    with own(cast.authority):
        says = " | ".join(run.importremarks.filter(outcome="rejected").values_list("says", flat=True))
    for words in ("no home or agency has the URN", "are not of one provider", "no regulation of ours", "theme",
                  "received before it happened", "this day has not come", "told before it happened", "no such time",
                  "this cell is empty", "same reference"):  # fmt: skip
        assert words in says, words


def test_the_template_comes_back_filled(cast, officer, elm):
    answer = officer.get(f"{LIST}template.xlsx")
    book = load_workbook(BytesIO(answer.content))
    sheet = book["Events"]
    headings = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    assert headings == list(row())[:2] + ["Company number"] + list(row())[2:]
    for column, heading in enumerate(headings, 1):
        sheet.cell(2, column).value = row().get(heading)
    out = BytesIO()
    book.save(out)
    run = send("notifiable-events", out.getvalue(), cast.authority, name="filled.xlsx")
    assert (run.state, run.rows_accepted, run.rows_rejected) == (ImportState.LOADED, 1, 0)
    with own(cast.authority):
        assert NotifiableEvent.objects.get().reference == "E-1"
