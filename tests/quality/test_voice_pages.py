"""Results as an officer reads them, and what young people said as an officer writes it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissioning.partnership.models import Statement
from providers.models import Provider
from quality.models import SurveyQuestion, SurveyResponse, SurveyWords, YouSaid
from quality.rules.quoting import quoted_from
from tests.cast import build_cast
from tests.contracts.watching import rows_of, signed_in
from tests.quality.monitored import NOW, TODAY
from tests.quality.voices import answer, as_member, home_of, live, make_survey, oracle, provider_called, scene, service
from tests.reading import text
from tests.resident import resident

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, SAID = "/outcomes/", "/outcomes/you-said/"
WROTE = "The staff in the night shift never knock on my door before they come in"
FIRST, UNTIL = TODAY.replace(year=TODAY.year - 1) + timedelta(days=1), TODAY + timedelta(days=1)


def build(southwark, lewisham, greenwich):
    with time_machine.travel(NOW, tick=False):
        cast = build_cast(southwark, lewisham, greenwich)
        scene((southwark, lewisham))
        with service():
            survey, odd = make_survey(), home_of(provider_called("Odd House"), "SC79999")
        with as_member(southwark):  # one provider where nearly nobody agrees, and what one wrote there
            for n in range(14):
                lived = live(southwark, odd, TODAY - timedelta(days=300))
                made = answer(southwark, survey, TODAY - timedelta(days=40 + n), {1: 1, 2: 5}, placement=lived)
            SurveyWords.objects.create(
                authority=southwark, response=made, words=WROTE,
                question=SurveyQuestion.objects.get(survey=survey, number=20),
            )  # fmt: skip
    return cast


_spoken, spoken = resident("spoken", build)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as now:
        yield now


@pytest.fixture
def officer(spoken):
    return signed_in(spoken.person("quality_officer"))


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_the_page_answers_first_and_each_figure_equals_the_oracle(spoken, officer):
    page = officer.get(PAGE)
    said = text(page)
    with as_member(spoken.authority):
        expected = oracle(spoken.authority, FIRST, UNTIL, lambda r: ())
        one = Statement.objects.get(number=1)
    taken = rows_of(officer.get(PAGE, {"format": "csv"}))
    assert len(taken) == 10
    for row in taken:
        counts, unsaid, people, behalf, newest = expected[int(row["number"]), ()]
        n, agree = sum(counts.values()), counts[4] + counts[5]
        assert (row["n"], row["people"]) == (str(n), str(people))
        assert row["percent"] == str((200 * agree + n) // (2 * n))
        assert (row["unsaid"], row["behalf"]) == (str(unsaid), str(behalf))
        assert [row["said_5"], row["said_1"]] == [str(counts[5]), str(counts[1])]
    counts = expected[1, ()][0]
    n = sum(counts.values())
    share = (200 * (counts[4] + counts[5]) + n) // (2 * n)
    assert (
        f"{share}% of our young people mostly or always feel safe where they live and sleep (n {n}, answers of" in said
    )
    for words in ("I want statement 10", "links that were due were answered", "Homes that ended as nobody planned",
                  "not what young people said"):  # fmt: skip
        assert words in said
    assert reverse("outcomes-due") == "/outcomes/reviews/"
    assert "/outcomes/reviews/" in page.content.decode()
    assert officer.get(PAGE, {"format": "xlsx"}).status_code == 200
    for leaked in (WROTE, "digest-"):
        for address in (PAGE, f"{PAGE}?format=csv", f"/outcomes/statements/{one.uuid}/"):
            assert leaked not in officer.get(address).content.decode()
    narrowed = text(officer.get(PAGE, {"who": "behalf", "service": "supported", "period": "24"}))
    assert "Answered by: Somebody for the young person" in narrowed
    stranger = signed_in(spoken.person("quality_officer", stranger=True))
    assert f"(n {n}, " not in text(stranger.get(PAGE))


def test_a_statement_by_provider_says_in_words_what_lies_outside_chance(spoken, officer):
    with service():
        one = Statement.objects.get(number=1)
        odd = Provider.objects.get(name="Odd House")
    address = f"/outcomes/statements/{one.uuid}/"
    page = officer.get(address)
    said = text(page)
    assert "I want statement 1" in said
    assert "Odd House: 0% of 14, lower, more than chance would explain." in said
    assert "lies outside what chance would explain" in said or "lie outside what chance would explain" in said
    for question in ("“Question 1 for older”", "“Question 7 for younger”"):
        assert question in said, "what measures it, word for word"
    with as_member(spoken.authority):
        expected = oracle(spoken.authority, FIRST, UNTIL, lambda r: (r.provider_id,))
        names = dict(Provider.objects.values_list("pk", "name"))
    taken = {row["name"]: row for row in rows_of(officer.get(address, {"format": "csv"}))}
    ours = {key[0]: found for (number, key), found in expected.items() if number == 1}
    assert len(taken) == len(ours) > 4
    for provider, (counts, _, people, *_) in ours.items():
        row, n = taken[names.get(provider, "Our own homes, or no provider recorded")], sum(counts.values())
        share = str((200 * (counts[4] + counts[5]) + n) // (2 * n)) if n else ""
        assert (row["n"], row["percent"]) == (str(n), share)
        if 0 < people < 3:
            assert f"{counts[4] + counts[5]} of {n}" in said, "its own, however few: how many of how many"
    quarterly = text(officer.get(address, {"by": "quarter", "period": "24"}))
    assert "January to March 2026" in quarterly
    for by in ("lot", "service"):
        assert officer.get(address, {"by": by}).status_code == 200
    # Few answers, and none.
    with service():
        survey, tiny = make_survey(), home_of(provider_called("Tiny House"), "SC79998")
        more = [home_of(provider_called(f"More {n}"), f"SC7980{n}") for n in range(12)]
    few = queries(officer, address)
    with as_member(spoken.authority):
        answer(spoken.authority, survey, TODAY, {1: 5}, placement=live(spoken.authority, tiny, TODAY))
        for home in more:
            answer(spoken.authority, survey, TODAY, {1: 4}, placement=live(spoken.authority, home, TODAY))
    row = next(r for r in rows_of(officer.get(address, {"format": "csv"})) if r["name"] == "Tiny House")
    assert (row["n"], row["percent"], row["said_5"]) == ("1", "100", "1"), "its own"
    assert queries(officer, address) == few, "as many queries for 18 providers as for 5"
    nobody = text(officer.get(address, {"who": "helped", "service": "residential", "period": "12", "by": "lot"}))
    assert "By lot" in nobody or "No answer like that" in nobody
    assert odd.name in said


def test_before_anybody_answered(spoken, officer):
    with as_member(spoken.authority):
        SurveyResponse.objects.all().delete()
    assert "Nobody has answered yet" in text(officer.get(PAGE))


def test_you_said_quotes_no_one_and_is_read_by_others_only_once_published(spoken, officer):
    theirs = signed_in(spoken.person("quality_officer", stranger=True))
    with service():
        odd = Provider.objects.get(name="Odd House")
    typed = {
        "provider": "Odd House", "statements": ["1"], "said_on_0": "1", "said_on_1": "4", "said_on_2": "2026",
        "said": "One of them told us “never knock on my door” and the others agreed",
    }  # fmt: skip
    page = officer.post(f"{SAID}new/", typed)
    assert "These words were written by a young person: “never knock on my door”" in text(page)
    assert "and the others agreed" in page.content.decode(), "nothing typed is lost"
    page = officer.post(f"{SAID}new/", typed | {"said": "Staff in the night shift never knock on doors"})
    assert "These words were written" in text(page), "six words in a row are theirs, without quotation marks too"
    fine = "Several did not like how staff come into rooms at night, or “doors that do not lock”"
    officer.post(f"{SAID}new/", typed | {"said": fine})
    with as_member(spoken.authority):
        made = YouSaid.objects.get()
    assert not made.to_provider
    address = f"{SAID}{made.uuid}/"
    assert theirs.get(address).status_code == 404
    assert fine not in text(theirs.get(SAID))
    change = {"version": made.version, "statements": ["1", "7"], "said": fine, "said_on_0": "1", "said_on_1": "4",
              "said_on_2": "2026", "did": "Staff knock and wait"}  # fmt: skip
    assert "Enter the day on which it was done" in text(officer.post(f"{address}change/", change))
    officer.post(f"{address}change/", change | {"did_on_0": "10", "did_on_1": "4", "did_on_2": "2026"})
    with as_member(spoken.authority):
        made.refresh_from_db()
    assert made.did == "Staff knock and wait"
    assert theirs.post(f"{address}publish/", {"version": made.version}).status_code == 404
    officer.post(f"{address}publish/", {"version": made.version})
    shown = text(theirs.get(address))
    assert fine in shown
    assert "['" not in shown, "what it is about is told in words"
    assert "Staff knock and wait" in text(theirs.get(SAID))
    assert theirs.post(f"{address}change/", change).status_code == 403
    assert fine in text(theirs.get(f"/providers/{odd.uuid}/you-said/"))
    assert [row["said"] for row in rows_of(theirs.get(SAID, {"format": "csv"}))] == [fine]
    with as_member(spoken.authority):
        assert SurveyResponse.objects.exists()


def test_what_counts_as_a_quotation():
    wrote = ["I don't feel safe at night.", WROTE]
    for quoting in ("She said “I don’t feel safe”", 'He said "safe at night"', "They say ‘I don’t feel safe’ a lot",
                    "the STAFF in the night shift NEVER knock"):  # fmt: skip
        assert quoted_from(quoting, wrote), quoting
    for own in ("They don’t feel safe at night", "Staff should knock at the doors", "“Knock first” is the new rule",
                "It’s their home, and they’re right"):  # fmt: skip
        assert not quoted_from(own, wrote), own
