"""The action plan of a sufficiency strategy: its file as published, its progress, and which statements it serves; and
the statements that a lot asks for."""

import csv
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

import fixtures
from commissioning.need.models import Milestone, PlannedAction
from commissioning.partnership.models import LotStatement
from contracts.models import Outcome
from tests.contracts.bought import child_of, framework_placement, weekly
from tests.contracts.samples_agreements import agreed
from tests.quality.meeting import with_set
from tests.quality.visiting import own, with_templates
from tests.world import NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PUBLISHED = Path(fixtures.__file__).parent / "southwark_action_plan.csv"
HEADINGS = "key_area,action,lead_roles,milestones,linked_indicators,i_statements\n"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def rows_of_file() -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_published_plan_and_its_progress(cast):
    with_set()
    officer, lewisham = (signed_in(cast.person("commissioning_officer", stranger=each)) for each in (False, True))
    assert "No plan yet" in text(officer.get("/sufficiency/plan/"))
    run = send("plan", PUBLISHED.read_bytes(), cast.authority, name="plan.csv")
    wanted = rows_of_file()
    assert (run.rows_accepted, run.rows_rejected) == (len(wanted), 0)
    with own(cast.authority):
        kept = list(PlannedAction.objects.order_by("number"))
        assert [(row.area, row.words, row.statements) for row in kept] == [
            (row["key_area"], row["action"], [int(n) for n in row["i_statements"].split(";")]) for row in wanted
        ]
        months = sorted(f"{m.due_on:%Y-%m} {m.words}".strip() for m in Milestone.objects.all())
        assert months == sorted(part.strip() for row in wanted for part in row["milestones"].split(";") if part.strip())
        before = list(PlannedAction.objects.values_list("pk", "version"))
    # The same file again changes nothing; a newer one changes what it says, and keeps what was met.
    send("plan", PUBLISHED.read_bytes() + b"\n", cast.authority, name="again.csv")
    with own(cast.authority):
        assert list(PlannedAction.objects.values_list("pk", "version")) == before
        row = PlannedAction.objects.get(words__startswith="Benchmarking of the carer")
        first, second, third = row.milestones.order_by("due_on")
    at = f"/sufficiency/plan/{row.uuid}/"
    refused = officer.post(f"{at}milestones/{first.uuid}/", {"version": first.version, "met_on_0": "1",
                                                             "met_on_1": "1", "met_on_2": "2030"})  # fmt: skip
    assert "That day has not come" in text(refused)
    officer.post(f"{at}milestones/{first.uuid}/", {"version": first.version, "met_on_0": "9", "met_on_1": "4",
                                                   "met_on_2": "2018"})  # fmt: skip
    newer = HEADINGS + (
        'Fostering,benchmarking of the carer financial and support package,Head of Permanence,'
        '"July 2018 campaign refreshed",Carers approved,2;7\n'
        "Fostering,Another action,,2018-13 nowhere,,1\n"
        "Fostering,One more,,spring,,1\n"
        "Fostering,A last one,,,,11\n"
    )  # fmt: skip
    run = send("plan", newer.encode(), cast.authority, name="newer.csv")
    assert (run.rows_accepted, run.rows_rejected) == (1, 3)
    with own(cast.authority):
        says = " ".join(run.importremarks.values_list("says", flat=True))
        assert "that month does not exist" in says
        assert "does not begin with its month" in says
        assert "a number is of no statement" in says
        row.refresh_from_db()
        assert (row.statements, row.lead_roles) == ([2, 7], ["Head of Permanence"])
        assert set(row.milestones.values_list("pk", flat=True)) == {first.pk, second.pk}
        assert third.words == "more carers"
    # Which actions serve statement 7; every member reads it, its owner alone changes it.
    serving = [each["action"] for each in wanted if "7" in each["i_statements"].split(";")]
    listed = text(officer.get("/sufficiency/plan/?statement=7"))
    assert all(words in listed for words in serving)
    assert wanted[0]["action"] in listed
    assert next(each["action"] for each in wanted if "7" not in each["i_statements"].split(";")) not in listed.replace(
        row.words, ""
    )
    officer.post(f"{at}progress/", {"version": row.version, "state": "dropped", "progress": ""})
    with own(cast.authority):
        row.refresh_from_db()
        assert row.state == "planned", "dropped without a word is refused"
    officer.post(f"{at}progress/", {"version": row.version, "state": "under_way", "progress": "Half of it is done"})
    with own(cast.authority):
        row.refresh_from_db()
    officer.post(f"{at}statements/", {"version": row.version, "statements": ["1", "9"]})
    with own(cast.authority):
        row.refresh_from_db()
        assert (row.state, row.statements) == ("under_way", [1, 9])
    assert "Half of it is done" in text(lewisham.get(at))
    assert lewisham.post(f"{at}progress/", {"version": row.version, "state": "done"}).status_code == 403
    assert signed_in(cast.person("provider_contact")).get("/sufficiency/plan/").status_code == 403
    costs = []
    for count in (5, 50):
        with own(cast.authority):
            known = PlannedAction.objects.count()
            made = PlannedAction.objects.bulk_create(
                PlannedAction(authority=cast.authority, number=100 + known + n, area="Fostering",
                              words=f"Words {known} {n}")
                for n in range(count)
            )  # fmt: skip
            Milestone.objects.bulk_create(
                Milestone(authority=cast.authority, planned_action=each, due_on=date(2026, 9, 1)) for each in made
            )
        with CaptureQueriesContext(connections["default"]) as seen:
            officer.get("/sufficiency/plan/")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_a_lots_statements_and_what_serves_one(cast):
    of_set = with_set()
    with_templates()
    lot = cast.world.lot(cast.world.shared)
    send("plan", PUBLISHED.read_bytes(), cast.authority, name="plan.csv")
    with own(cast.authority):
        home = framework_placement(child_of(cast.authority), lot.awards.select_related("provider", "lot").first())
        agreed(home, [weekly(home, "800.00")])
        sought = Outcome.objects.get()
    officer, lewisham = (signed_in(cast.person("commissioning_officer", stranger=each)) for each in (False, True))
    at = f"/lots/{lot.uuid}/statements/"
    known = re.search(r'name="known"[^>]*value="([^"]*)"', officer.get(at).content.decode())
    bare = officer.post(at, {"known": known[1] if known else "", "asks_1": "Safer caring plans"})
    assert "Tick statement 1, or leave its words empty" in text(bare)
    assert "Safer caring plans" in bare.content.decode()
    officer.post(at, {"known": "", "serves_1": "on", "asks_1": "Safer caring plans", "serves_7": "on"})
    late = officer.post(at, {"known": "", "serves_2": "on"})
    assert "Somebody else changed the statements" in text(late)
    assert lewisham.post(at, {"known": "", "serves_2": "on"}).status_code == 403
    with own(cast.authority):
        kept = {row.statement.number: row.asks for row in LotStatement.objects.select_related("statement")}
    assert kept == {1: "Safer caring plans", 7: ""}
    for client in (officer, lewisham, signed_in(cast.person("provider_contact"))):
        page = text(client.get(f"/lots/{lot.uuid}/"))
        assert "1. I want to feel safe in the place that I live and sleep" in page
        assert "Safer caring plans" in page
    number = sought.statements[0]
    links = text(officer.get(f"/outcomes/statements/{number}/links/"))
    assert "1 outcome for our young people in 1 home, 1 of them open, serves it." in links
    assert "No agreement of ours seeks an outcome" in text(lewisham.get(f"/outcomes/statements/{number}/links/"))
    page = text(lewisham.get("/outcomes/statements/1/links/"))
    serving = sum("1" in row["i_statements"].split(";") for row in rows_of_file())
    assert "1 lot asks for it, " in page
    assert f"{serving} planned actions" in page
    assert "Safer caring plans" in page
    assert officer.get("/outcomes/statements/11/links/").status_code == 404
    assert of_set.name in page
