"""Answers on paper by a file; answers of visits; rates against a slow count; and no word of a young person's anywhere
but on the page of one response."""

import csv
import io
import random
import re
import zipfile
from collections import defaultdict
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from commissioning.kernel.audit.history import history_of
from commissioning.kernel.models import ImportRun
from commissioning.partnership.rules.roles import ROLES, may
from quality.measures.asking import rates
from quality.models import (
    Alert,
    Concern,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
    SurveyWords,
)
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.quality.asked import CANARY, left, link_to, lives, phone, with_surveys
from tests.quality.notified import NOON, TODAY
from tests.quality.visiting import planned, recorded
from tests.reading import text
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
DAY = timedelta(days=1)
HEADINGS = ["Placement reference", "Child reference", "Answered on", "Survey", "Occasion", "Who answered", "Who helped",
            *(f"Statement {number}" for number in range(1, 12)), "In their own words"]  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


def book(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def paper(child="C-1", on="13/04/2026", **more):
    return {"Child reference": child, "Answered on": on, "Survey": "my-home-12", "Statement 1": "4"} | more


def standing(authority):
    with own(authority):
        return (
            list(SurveyAnswer.objects.order_by("response__answered_on", "question__number").values_list(
                "response__answered_on", "question__number", "value")),
            SurveyResponse.objects.count(), SurveyWords.objects.count(), Concern.objects.count(),
            Alert.objects.count(),
        )  # fmt: skip


def refusals(authority, run):
    with own(authority):
        return {
            (remark.row, remark.column): remark.says
            for remark in ImportRun.objects.get(pk=run.pk).importremarks.filter(outcome="rejected")
        }


def test_a_file_of_answers_on_paper(cast, django_capture_on_commit_callbacks):
    southwark = cast.authority
    lives(southwark, cast.provider, reference="C-1")
    gone = lives(southwark, cast.provider, starts_on=date(2025, 6, 2), reference="C-2")
    left(gone, date(2026, 2, 2))
    long_gone = lives(southwark, cast.provider, starts_on=date(2025, 6, 2), reference="C-3")
    left(long_gone, date(2025, 9, 1))
    lives(cast.other, cast.provider, reference="C-9")
    good = (
        paper(**{"Statement 1": "1", "Statement 2": "Sometimes", "Statement 3": "I don’t want to say",
                 "In their own words": f"{CANARY} is loud"}),
        paper("C-2", "1/2/2026", **{"Who answered": "The young person, with help", "Who helped": "advocate"}),
        paper("C-2", "16/02/2026", Occasion="On leaving", **{"Statement 10": "5"}),
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        checked = send("surveys", book(*good), southwark, load=False)
    assert (checked.rows_accepted, checked.rows_rejected) == (3, 0)
    assert standing(southwark) == ([], 0, 0, 0, 0)
    assert not mail.outbox
    with django_capture_on_commit_callbacks(execute=True):
        run = send("surveys", book(*good), southwark)
    assert (run.rows_read, run.rows_accepted, run.rows_rejected) == (3, 3, 0)
    first = standing(southwark)
    assert first == (
        [(date(2026, 2, 1), 1, 4), (date(2026, 2, 16), 1, 4), (date(2026, 2, 16), 10, 5), (date(2026, 4, 13), 1, 1),
         (date(2026, 4, 13), 2, 3), (date(2026, 4, 13), 3, None)], 3, 1, 1, 1,
    )  # fmt: skip
    assert len(mail.outbox) == 1
    assert CANARY not in mail.outbox[0].body
    with own(southwark):
        row = SurveyResponse.objects.get(answered_on=date(2026, 4, 13))
        assert row.concern == Concern.objects.get()
        assert (row.entry, row.source_import_id, row.provider_id) == ("file", run.pk, cast.provider.pk)
    with django_capture_on_commit_callbacks(execute=True):
        again = send("surveys", book(*good), southwark)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    assert standing(southwark) == first
    assert len(mail.outbox) == 1
    # What a later file says otherwise is taken; what it leaves empty stays.
    send("surveys", book(paper(**{"Statement 1": "", "Statement 2": "5"})), southwark)
    assert standing(southwark)[0][3:5] == [(date(2026, 4, 13), 1, 1), (date(2026, 4, 13), 2, 5)]
    with own(southwark):
        placement = SurveyResponse.objects.get(answered_on=date(2026, 4, 13)).placement
    _, address = link_to(placement)
    assert phone().post(f"{address}questions/", {"q1": "5"}).status_code == 200
    bad = {
        "this placement had ended on 2 February 2026": paper("C-2", "16/02/2026", Occasion="Every six months"),
        "more than 8 weeks before": paper("C-3", "16/02/2026", Occasion="On leaving"),
        "an answer is from 1, Never, to 5, Always": paper(on="14/04/2026", **{"Statement 4": "6"}),
        "this survey asks nothing about statement 11": paper(on="15/04/2026", **{"Statement 11": "3"}),
        "this day has not come": paper(on="21/04/2026"),
        "no child of yours has this reference": paper("C-9"),
        "no placement of yours has this reference": paper("", **{"Placement reference": "P-77"}),
        "say which home": paper(""),
        "no survey is called that": paper(on="16/04/2026", Survey="my-house"),
        "say who answered or helped": paper(on="17/04/2026", **{"Who answered": "behalf"}),
        "they moved in on 2 June 2025": paper("C-2", "01/05/2025"),
        "recorded already, by a link or an officer": paper(on="20/04/2026"),
        "no statement has an answer": paper(on="18/04/2026", **{"Statement 1": ""}),
    }  # fmt: skip
    bad["they moved in on 2 June 2025"]["Child reference"] = ""
    with own(southwark):
        type(gone).objects.filter(pk=gone.pk).update(reference="P-1")
    bad["they moved in on 2 June 2025"]["Placement reference"] = "P-1"
    rows = [row | {"In their own words": CANARY} if says != "no statement has an answer" else row
            for says, row in bad.items()]  # fmt: skip
    before = standing(southwark)
    run = send("surveys", book(*rows), southwark)
    told = refusals(southwark, run)
    assert run.rows_rejected == len(rows), told
    for number, says in enumerate(bad, 2):
        found = [text for (row, _), text in told.items() if row == number]
        assert any(says in text for text in found), (says, found)
    assert standing(southwark) == before
    with own(southwark):
        kept = [str(remark.cells) for remark in ImportRun.objects.get(pk=run.pk).importremarks.all()]
    assert not any(CANARY in cells for cells in kept)


def test_answers_from_a_visit_are_of_the_home_and_of_no_placement(cast, officer, django_capture_on_commit_callbacks):
    with_surveys()
    visit = recorded(planned(cast), findings=1)
    with own(cast.authority):
        type(visit).objects.filter(pk=visit.pk).update(young_inspectors=True)
    assert f"visit {visit.number}" in text(officer.get("/outcomes/asking/visits/"))
    at = f"/outcomes/asking/visits/{visit.uuid}/"
    typed = {"service_type": "supported", "answered_by": "self", "q1": "1"} | day("answered_on", TODAY)
    with django_capture_on_commit_callbacks(execute=True):
        assert "Enter the next young person’s" in text(officer.post(at, typed, follow=True))
    with own(cast.authority):
        row = SurveyResponse.objects.get()
        assert (row.placement_id, row.visit_id, row.entry, row.occasion) == (None, visit.pk, "visit", "visit")
        assert (row.provider_id, row.establishment_id) == (visit.provider_id, visit.establishment_id)
        assert row.concern.establishment_id == visit.establishment_id
    assert len(mail.outbox) == 1
    assert signed_in(cast.person("quality_officer", stranger=True)).post(at, typed).status_code == 403


def test_no_word_of_a_young_persons_leaves_the_page_of_one_response(cast, officer, caplog):
    """A canary name in their own words, by the link, an officer and a file: searched for on every page and in every
    download, e-mail, log line and line of history, for every role."""
    placement = lives(cast.authority, cast.provider, reference="C-1")
    _, address = link_to(placement)
    assert phone().post(f"{address}questions/", {"q1": "1", "q11": CANARY, "q12": CANARY}).status_code == 200
    enter = {"occasion": "other", "answered_by": "self", "q11": CANARY, "q2": "9"} | day("answered_on", TODAY - DAY)
    at = f"/outcomes/asking/{placement.uuid}/enter/"
    assert CANARY in officer.post(at, enter).content.decode()  # what was typed is not lost
    assert officer.post(at, enter | {"q2": "3"}).status_code == 302
    run = send("surveys", book(paper(**{"In their own words": CANARY}),
                               paper(on="14/04/2026", **{"Statement 1": "9", "In their own words": CANARY})),
               cast.authority)  # fmt: skip
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)
    with own(cast.authority):
        assert SurveyWords.objects.filter(words=CANARY).count() == 4
        responses, alert, concern = list(SurveyResponse.objects.all()), Alert.objects.get(), Concern.objects.get()
        told = [str(vars(event)) for each in SurveyWords.objects.all()
                for event in history_of(SurveyWords, row_uuid=each.uuid)]  # fmt: skip
        assert told
        assert not any(CANARY in line for line in told)
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(e)::text FROM audit.quality_surveywords e")
            assert not any(CANARY in line for (line,) in cursor.fetchall())
    pages = [
        "/outcomes/asking/", "/outcomes/asking/answers/", "/outcomes/asking/rates/", "/outcomes/not-safe/?which=all",
        f"/outcomes/asking/{placement.uuid}/", alert.link, f"/concerns/{concern.uuid}/", "/concerns/", "/alerts/",
        f"/alerts/{alert.uuid}/", "/audit/", f"/imports/{run.uuid}/", "/imports/", f"/placements/{placement.uuid}/",
        "/",
    ]  # fmt: skip
    files = [f"{page}{'&' if '?' in page else '?'}format={kind}" for page in (
        "/outcomes/asking/", "/outcomes/asking/answers/", "/outcomes/asking/rates/", "/outcomes/not-safe/?which=all",
        "/concerns/", "/alerts/", "/imports/") for kind in ("csv", "xlsx")]  # fmt: skip
    files += [f"/imports/{run.uuid}/rejects.xlsx"]
    for page in pages + files:
        told = signed_in(cast.person("auditor")) if "/audit/" in page else officer
        answer = told.get(page)
        assert answer.status_code == 200, page
        assert CANARY not in _inside(answer), page
    assert not any(CANARY in message.body + message.subject for message in mail.outbox)
    assert mail.outbox or alert
    assert CANARY not in caplog.text
    # The page of one response, for those whose work it is; for others only that something was written.
    mine = next(row for row in responses if row.entry == "link")
    for role in ROLES:
        if not may(role, "read", "surveys"):
            continue
        shown = signed_in(cast.person(role)).get(f"/outcomes/asking/answers/{mine.uuid}/").content.decode()
        reads = role in ("quality_officer", "placements_officer", "commissioning_officer")
        assert (CANARY in shown) == reads, role
        assert ("Something was written" in shown) != reads, role


def _inside(answer):
    """The text of an answer; of a workbook, of every file within."""
    content = answer.getvalue()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    return content.decode(errors="replace")


def test_rates_equal_a_slow_count_and_lists_cost_the_same_however_long(cast, officer):
    chance = random.Random(6)
    southwark = cast.authority
    homes = [lives(southwark, chance.choice([cast.provider, cast.rival]),
                   establishment=False, starts_on=date(2025, 9, 1)) for _ in range(5)]  # fmt: skip
    _fill(southwark, homes, chance, 12)
    asked = ("/outcomes/asking/?which=all", "/outcomes/asking/answers/", "/outcomes/not-safe/?which=all",
             "/outcomes/asking/rates/")  # fmt: skip
    few = {page: _queries(officer, page) for page in asked}
    homes += [lives(southwark, chance.choice([cast.provider, cast.rival]), establishment=False,
                    starts_on=date(2025, 9, 1)) for _ in range(45)]  # fmt: skip
    _fill(southwark, homes, chance, 60)
    assert {page: _queries(officer, page) for page in asked} == few
    with own(southwark):
        for by in ("provider", "kind"):
            counted = defaultdict(lambda: [0, 0, 0, 0])
            for link in SurveyInvitation.objects.all():
                if (TODAY - link.made_on).days >= 365 or link.withdrawn_on:
                    continue
                group = link.placement.provider.name if by == "provider" else "Children's home"
                if not link.answered_on and link.ends_before > TODAY:
                    counted[group][2] += 1
                    continue
                counted[group][0] += 1
                counted[group][1] += 1 if link.answered_on else 0
            for row in SurveyResponse.objects.all():
                if (TODAY - row.answered_on).days < 365:
                    counted[row.provider.name if by == "provider" else "Children's home"][3] += 1
            found = {row.label: [row.asked, row.answered, row.open, row.n] for row in rates(TODAY, by)}
            assert found == dict(counted)
            assert all(row.percent == round(100 * row.answered / row.asked) for row in rates(TODAY, by) if row.asked)
    listed = {row["label"]: row for row in rows_of(officer.get("/outcomes/asking/rates/?by=kind&format=csv"))}
    assert int(listed["Children's home"]["n"]) == sum(
        int(row["n"]) for row in rows_of(officer.get("/outcomes/asking/rates/?format=csv"))
    )


def _fill(authority, homes, chance, count):
    """Links answered, ended, open and withdrawn, of this year and before; some who answer are not safe."""
    with own(authority):
        survey = Survey.objects.in_use().get(code="my-home-12")
        question = SurveyQuestion.objects.get(survey=survey, unsafe=True)
        for number in range(count):
            home, made = chance.choice(homes), TODAY - timedelta(days=chance.randint(0, 420))
            state = chance.choice(("answered", "ended", "withdrawn"))
            link = SurveyInvitation.objects.create(
                authority=authority, placement=home, survey=survey, occasion="other", due_on=made, made_on=made,
                digest=f"{number} {chance.random()}", ends_before=made + timedelta(days=28),
                answered_on=made if state == "answered" else None, withdrawn_on=made if state == "withdrawn" else None,
            )  # fmt: skip
            if state == "answered":
                row = SurveyResponse.objects.create(
                    authority=authority, survey=survey, invitation=link, placement=home, provider=home.provider,
                    service_type="residential", occasion="other", answered_on=made,
                )  # fmt: skip
                SurveyAnswer.objects.create(authority=authority, response=row, question=question, value=number % 5 + 1)


def _queries(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len([each for each in asked.captured_queries if not re.match("SAVEPOINT|RELEASE", each["sql"])])


def test_the_blank_template_of_answers_comes_back_filled(cast, officer):
    lives(cast.authority, cast.provider, reference="C-1")
    answer = officer.get("/outcomes/asking/template.xlsx")
    workbook = load_workbook(io.BytesIO(answer.content))
    sheet = workbook["Answers"]
    headings = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    assert headings == [each for each in HEADINGS if each != "Statement 11"]  # as many as the surveys ask about
    said = paper(**{"Survey": "My home: 12 to 15", "Statement 2": "Mostly", "Who answered": "The young person"})
    for column, heading in enumerate(headings, 1):
        sheet.cell(2, column).value = said.get(heading)
    out = io.BytesIO()
    workbook.save(out)
    run = send("surveys", out.getvalue(), cast.authority, name="filled.xlsx")
    assert (run.rows_accepted, run.rows_rejected) == (1, 0)
    assert standing(cast.authority)[0] == [(date(2026, 4, 13), 1, 4), (date(2026, 4, 13), 2, 4)]
    assert signed_in(cast.person("finance_officer")).get("/outcomes/asking/template.xlsx").status_code == 403
