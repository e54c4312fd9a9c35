"""Concerns and complaints: marked as findings are, told at once where they cannot wait, noted on by our authority
alone, closed with what came of them, and counted."""

import random
from collections import defaultdict
from datetime import date, timedelta
from statistics import median

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissioning.partnership.models import NamedRole
from quality.measures.concerns import groups_of
from quality.models import Alert, Concern, ConcernNote
from quality.rules import codes
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.quality.notified import NOON, TODAY, home, lives_there
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST, NEW = "/concerns/", "/concerns/new/"
WORDS, NOTE = "Two agency staff at night, no one who knows the house", "C-77 says that she locks her door"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


@pytest.fixture
def theirs(cast):
    return signed_in(cast.person("quality_officer", stranger=True))


@pytest.fixture
def elm(cast):
    return home(cast.provider)


def typed(**more):
    return {
        "kind": "concern", "source": "advocate", "home": "SC900101", "theme": "staffing", "words": WORDS,
        "marking": "placing", "note": NOTE, **day("raised_on", TODAY - timedelta(days=2)),
    } | more  # fmt: skip


def recorded(client, **more):
    answer = client.post(NEW, typed(**more))
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_who_reads_what_follows_from_the_marking(cast, officer, theirs, greenwich, elm):
    pages = {marking: recorded(officer, marking=marking) for marking in codes.MARKINGS}
    pages["about"] = recorded(officer, about=str(cast.other.uuid))
    for marking, page in pages.items():
        ours, other = officer.get(page), theirs.get(page)
        assert WORDS in text(ours)
        assert NOTE in text(ours)
        assert (other.status_code == 200) == (marking in ("shareable", "about")), marking
        assert NOTE not in text(other)
    assert "Southwark, and Lewisham, whose child it is about" in text(theirs.get(pages["about"]))
    with own(greenwich):
        assert [row.marking for row in Concern.objects.all()] == ["shareable"]
    assert len(rows_of(officer.get(f"{LIST}?format=csv"))) == 4
    assert len(rows_of(theirs.get(f"{LIST}?format=csv"))) == 2
    assert [row["concern"] for row in rows_of(theirs.get(f"{LIST}?whose=about&format=csv"))] == ["Southwark, concern 4"]
    for step in ("note", "close", "mark"):
        assert theirs.get(f"{pages['about']}{step}/").status_code == 403
    assert signed_in(cast.person("provider_contact")).get(pages["shareable"]).status_code == 403
    with own(cast.authority):
        assert {row.recorded_by for row in Concern.objects.all()} == {cast.person("quality_officer")}
        assert not Alert.objects.exclude(kind="concern").exists()


def test_safeguarding_now_tells_people_within_the_request(
    cast, officer, theirs, greenwich, elm, django_capture_on_commit_callbacks
):
    """Southwark raises it about Lewisham's child; Greenwich has a child there. Bexley and the rest are not told."""
    with own(cast.authority):
        NamedRole.objects.create(authority=cast.authority, role="safeguarding", name="Lead", email="lead@south.test")
    with own(greenwich):
        NamedRole.objects.create(authority=greenwich, role="safeguarding", name="Lead", email="lead@green.test")
    lives_there(greenwich, elm)
    form = text(officer.get(NEW))
    assert "told at once by e-mail to your safeguarding lead (lead@south.test)" in form
    assert "the e-mail holds none of your words" in form
    assert "call 999 first" in form
    with django_capture_on_commit_callbacks(execute=True):
        page = recorded(officer, marking="safeguarding", about=str(cast.other.uuid))
    sent = {address: each for each in mail.outbox for address in each.to}
    assert set(sent) == {"lead@south.test", "lead@green.test", "quality_officer@lewisham.test"}
    for each in sent.values():
        assert "Safeguarding concern about Elm House, raised by Southwark" in each.body
        assert "agency staff" not in each.body
        assert "C-77" not in each.body
    # Each is sent where it may read: Greenwich may not read the concern, and is led to the home.
    assert page in sent["lead@south.test"].body
    assert page in sent["quality_officer@lewisham.test"].body
    assert f"/providers/establishments/{elm.uuid}/" in sent["lead@green.test"].body
    assert theirs.get(page).status_code == 200
    with own(greenwich):
        assert Alert.objects.get().title.endswith("raised by Southwark")
        assert not Concern.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(f"{page}note/", {"words": "Rang the home"})
    assert len(mail.outbox) == 3


def test_one_that_we_kept_is_shared_or_told_and_never_taken_back(cast, officer, theirs, elm):
    page = recorded(officer)
    with own(cast.authority):
        row = Concern.objects.get()
    asked = text(officer.get(f"{page}mark/"))
    assert "This cannot be taken back" in asked
    assert officer.post(f"{page}mark/", {"marking": "shareable", "version": str(row.version)}).status_code == 302
    assert theirs.get(page).status_code == 200
    again = text(officer.post(f"{page}mark/", {"marking": "safeguarding", "version": str(row.version + 1)}))
    assert "is not marked otherwise" in again
    with own(cast.authority):
        assert Concern.objects.get().to_members
    second = recorded(officer)
    with own(cast.authority):
        row = Concern.objects.get(marking="placing")
    officer.post(f"{second}mark/", {"marking": "safeguarding", "version": str(row.version)})
    with own(cast.authority):
        assert Alert.objects.get().kind == "concern"


def test_it_is_noted_on_and_closed_with_what_came_of_it(cast, officer, elm):
    page = recorded(officer)
    with own(cast.authority):
        row = Concern.objects.get()
    read = {"version": str(row.version)}
    assert "Enter the note" in text(officer.post(f"{page}note/", {"words": " "}))
    officer.post(f"{page}note/", {"words": "Two visits agreed"})
    with own(cast.authority):
        assert [note.words for note in ConcernNote.objects.order_by("pk")] == [NOTE, "Two visits agreed"]
    assert "Say what came of it" in text(officer.post(f"{page}close/", read | day("closed_on", TODAY)))
    early = read | day("closed_on", TODAY - timedelta(days=3)) | {"outcome": "A second member of staff at night"}
    assert "closed before it was raised" in text(officer.post(f"{page}close/", early))
    assert officer.post(f"{page}close/", early | day("closed_on", TODAY)).status_code == 302
    shown = text(officer.get(page))
    assert "closed on 20 April 2026 after 2 days" in shown
    assert "A second member of staff at night" in shown
    assert "closed already" in text(officer.post(f"{page}close/", early | day("closed_on", TODAY)))
    assert "Half of the 1 closed were closed within 2 days" in text(officer.get(LIST))


@pytest.mark.parametrize(("more", "says"), [
    ({"words": ""}, "Say what the concern is"), ({"marking": ""}, "Choose who may read it"),
    ({"home": "Nowhere"}, "No home has the URN or the name"), ({"home": "", "provider": ""}, "Enter the provider"),
    ({"home": "", "provider": "Aldr Fostering"}, "Nearest: Alder Fostering"),
    (day("raised_on", TODAY + timedelta(days=1)), "That day has not come"),
    ({"provider": "Birch Fostering"}, "That home is another provider"),
])  # fmt: skip
def test_what_is_refused_keeps_what_was_typed(cast, officer, elm, more, says):
    answer = officer.post(NEW, typed(**more))
    assert says in text(answer)
    assert NOTE in answer.content.decode()
    with own(cast.authority):
        assert not Concern.objects.exists()


def test_figures_equal_a_slow_count_and_the_list_costs_the_same(cast, officer, elm):
    other = home(cast.rival, "SC900104", name="Ash House")
    chance = random.Random(3)

    def add(count, start):
        made = []
        for number in range(count):
            raised = date(2025, 1, 1) + timedelta(days=chance.randrange(400))
            closed = raised + timedelta(days=chance.randrange(60)) if chance.random() < 0.7 else None
            where = chance.choice((elm, other, None))
            provider = where.provider if where else cast.provider
            made.append(
                Concern(
                    authority=cast.authority, provider=provider, establishment=where, number=start + number,
                    kind="concern", source="officer", theme=chance.choice(list(codes.CONCERN_THEMES)),
                    marking="placing", words="Words", raised_on=raised, closed_on=closed,
                    outcome="Put right" if closed else "",
                )
            )  # fmt: skip
        with own(cast.authority):
            Concern.objects.bulk_create(made)
        return made

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(LIST).status_code == 200
        return len(seen)

    assert "No concerns yet" in text(officer.get(LIST))
    rows = add(5, 1)
    few = cost()
    rows += add(60, 100)
    assert cost() == few
    for by, key in (
        ("theme", lambda row: codes.CONCERN_THEMES[row.theme]), ("provider", lambda row: row.provider.name),
        ("home", lambda row: row.establishment.name if row.establishment else "Alder Fostering, no home named"),
    ):  # fmt: skip
        naive = defaultdict(list)
        for row in rows:
            naive[key(row)].append((row.closed_on - row.raised_on).days if row.closed_on else None)
        expected = {
            label: (
                len(days), sum(each is None for each in days),
                float(median(known)) if (known := [each for each in days if each is not None]) else None,
            )
            for label, days in naive.items()
        }  # fmt: skip
        with own(cast.authority):
            found = groups_of(Concern.objects.all(), by)
        assert {
            row.label: (row.total, row.open, float(row.median_days) if row.median_days is not None else None)
            for row in found
        } == expected
        assert all(label in text(officer.get(f"{LIST}?by={by}")) for label in naive)
    mine = rows_of(officer.get(f"{LIST}?provider={cast.rival.uuid}&format=csv"))
    assert len(mine) == sum(row.provider == cast.rival for row in rows)
    assert f"{sum(row.closed_on is None for row in rows)} open" in text(officer.get(LIST))


def test_roles_that_do_not_read_concerns_are_shown_events(cast):
    steering = text(signed_in(cast.person("steering_member")).get(LIST))
    assert "Notifiable events at homes" in steering
