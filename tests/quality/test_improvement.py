"""From the provider's plan to an action that somebody has checked."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quality.models import Evidence, Finding, ImprovementAction, Visit
from tests.quality.tablets import photograph
from tests.quality.visiting import home_of, of, own, planned, published, recorded, with_plan
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def people(cast):
    return {
        "quality": signed_in(cast.person("quality_officer")),
        "lewisham": signed_in(cast.person("quality_officer", stranger=True)),
        "alder": signed_in(cast.person("provider_contact")),
        "birch": signed_in(cast.person("provider_contact", stranger=True)),
    }  # fmt: skip


def planned_for(finding, words="Mend the door", owner="Registered manager", due=TODAY + timedelta(days=30)):
    key = finding.uuid
    return {
        f"words_{key}": words, f"owner_{key}": owner, f"due_on_{key}_0": str(due.day),
        f"due_on_{key}_1": str(due.month), f"due_on_{key}_2": str(due.year),
    }  # fmt: skip


def state(action) -> tuple[str, int]:
    action.refresh_from_db()
    return action.state, action.version


def test_from_plan_to_checked_action(cast, people):
    visit = published(cast, findings=2)
    at = f"/visits/{visit.uuid}/"
    quality, lewisham, alder, birch = (people[name] for name in ("quality", "lewisham", "alder", "birch"))
    assert "The plan by 4 May 2026, 14 days left." in text(quality.get(at))
    with own(cast.authority):
        one, two = Finding.objects.filter(visit=visit, marking="shareable").order_by("pk")
    # At least one action for each finding that asks for one, each with who and by when.
    page = text(alder.get(f"{at}plan/"))
    assert "2 findings ask for at least one action each. Your plan is due by 4 May 2026, 14 days left." in page
    half = text(alder.post(f"{at}plan/", planned_for(one)))
    assert "Say what you will do about this finding." in half
    assert "Mend the door" in half, "nothing typed is lost"
    wrong = planned_for(one, owner="") | planned_for(two, due=TODAY - timedelta(days=1))
    refused = text(alder.post(f"{at}plan/", wrong))
    assert "Say who will see to it" in refused
    assert "That day is past" in refused
    with own(cast.authority):
        assert not ImprovementAction.objects.exists()
    given = planned_for(one) | planned_for(two, "Train the night staff", "Deputy manager")
    told = text(alder.post(f"{at}plan/", given, follow=True))
    assert "2 actions are with Southwark, which agrees them or not." in told
    alder.post(f"{at}plan/", given)  # by a page that was sent twice
    assert birch.post(f"{at}plan/", given).status_code == 404
    with own(cast.authority):
        first, second = ImprovementAction.objects.order_by("pk")
    # Nobody else reads a plan that is not agreed.
    assert lewisham.get(f"/visits/actions/{first.uuid}/").status_code == 404
    assert "Mend the door" not in text(lewisham.get(at))
    assert "1 visit needs you: 1 with a plan to agree." in text(quality.get("/visits/"))
    assert "2 actions of ours are open: 2 wait to be agreed." in text(quality.get("/visits/actions/"))
    step = "/visits/actions/{}/{}/"

    def post(client, action, name, **typed):
        return client.post(step.format(action.uuid, name), typed, follow=True)

    with own(cast.authority):
        version = state(first)[1]
    assert "every member reads it" in text(post(quality, first, "agree", version=version))
    assert "Only an action that the provider proposes" in text(post(quality, first, "agree", version=version + 1))
    assert "Say what is missing" in text(post(quality, second, "send-back", version=1, why=""))
    with own(cast.authority):
        version = state(second)[1]
    post(quality, second, "send-back", version=version, why="Say how many, and when")
    sent_back = text(alder.get(f"/visits/actions/{second.uuid}/"))
    assert "Sent back to the provider: Say how many, and when" in sent_back
    with of(cast.provider):
        version = state(second)[1]
    better = {"words": "Train six of them by June", "owner": "Deputy manager", "due_on_0": "1", "due_on_1": "6",
              "due_on_2": "2026"}  # fmt: skip
    assert "agrees or sends it back" in text(post(alder, second, "change", version=version, **better))
    assert "Somebody else changed this" in text(post(quality, second, "agree", version=version))
    with own(cast.authority):
        assert state(second)[0] == "proposed"
        version = second.version
    post(quality, second, "agree", version=version)
    assert "Train six of them" in text(lewisham.get(at))
    # Done, with how it can be seen; sent back once, then checked.
    with of(cast.provider):
        version = state(first)[1]
    done = {"version": version, "evidence_words": "", "done_on_0": "21", "done_on_1": "4", "done_on_2": "2026"}
    assert "Say how somebody can see" in text(post(alder, first, "done", **done))
    assert "That day has not come" in text(post(alder, first, "done", **done | {"evidence_words": "A photograph"}))
    done |= {"evidence_words": "The lock holds: see the photograph", "done_on_0": "20"}
    assert "Southwark is told that it is done" in text(post(alder, first, "done", **done))
    assert "1 with actions to check" in text(quality.get("/visits/"))
    with own(cast.authority):
        version = state(first)[1]
    post(quality, first, "send-back", version=version, why="The photograph shows another door")
    with of(cast.provider):
        assert state(first)[0] == "sent_back"
        version = first.version
    assert "This action is agreed" in text(post(alder, first, "change", version=version, **better))
    assert post(alder, first, "done", **done | {"version": version}).status_code == 200
    with own(cast.authority):
        version = state(first)[1]
    assert "Say how you checked it" in text(post(quality, first, "verify", version=version, how=""))
    assert post(lewisham, first, "verify", version=version, how="Us").status_code == 403
    assert "The action is checked and closed." in text(
        post(quality, first, "verify", version=version, how="We pulled it")
    )
    with own(cast.authority):
        assert state(first)[0] == "verified"
        assert (first.verified_on, first.verified_by) == (TODAY, cast.person("quality_officer"))
    for client in (quality, lewisham, alder):
        assert "Checked and closed on 20 April 2026." in text(client.get(f"/visits/actions/{first.uuid}/"))
        assert "We pulled it" in text(client.get(f"/visits/actions/{first.uuid}/"))
    assert birch.get(f"/visits/actions/{first.uuid}/").status_code == 404
    assert "No actions yet" in text(birch.get("/visits/actions/"))
    closed = text(quality.get(at))
    assert "2 actions, 1 open." in closed


def test_a_plan_waits_for_publication_and_a_finding_that_asks_for_nothing_needs_no_action(cast, people):
    visit = recorded(planned(cast))
    alder = people["alder"]
    assert "The plan follows once the visit is published." in text(alder.get(f"/visits/{visit.uuid}/plan/"))
    with own(cast.authority):
        Visit.objects.filter(pk=visit.pk).update(to_provider=True)
    assert "follows once the visit is published" in text(alder.post(f"/visits/{visit.uuid}/plan/", {"save": "Save"}))
    quiet = published(cast, home=home_of(cast.provider, "Ash House"), findings=0)
    assert quiet.plan_due_on is None
    assert quiet.revisit_due_on is None


def test_the_list_puts_the_overdue_first_and_costs_the_same_for_fifty(cast, people):
    visit, other = published(cast), published(cast, home=home_of(cast.provider, "Ash House"), authority=cast.other)
    with_plan(visit, cast, due_on=TODAY + timedelta(days=5))
    with_plan(other, cast, due_on=TODAY + timedelta(days=5))
    for name in ("quality", "alder"):
        people[name].get("/visits/actions/")  # the first page of a session asks a little more
    counts = []
    for until in (4, 50):
        with own(cast.authority):
            finding = Finding.objects.filter(visit=visit, marking="shareable").first()
            states = ("agreed", "done", "verified", "proposed", "sent_back")
            for number in range(until - ImprovementAction.objects.count()):
                ImprovementAction.objects.create(
                    authority_id=visit.authority_id, provider_id=visit.provider_id, visit=visit, finding=finding,
                    words=f"Action {number}", owner="Manager", due_on=TODAY + timedelta(days=number - 20),
                    state=states[number % 5], to_provider=True, to_members=True,
                )  # fmt: skip
        with CaptureQueriesContext(connections["default"]) as made:
            page = text(people["quality"].get("/visits/actions/"))
        with CaptureQueriesContext(connections["default"]) as taken:
            people["quality"].get("/visits/actions/?format=xlsx")
            people["alder"].get("/visits/actions/")
        counts.append((len(made), len(taken)))
    assert counts[0] == counts[1], counts
    with own(cast.authority):
        rows = list(ImprovementAction.objects.all())
    working = ("agreed", "proposed", "sent_back")
    mine = [row for row in rows if row.authority_id == cast.authority.pk and row.state != "verified"]
    late = [row for row in mine if row.state in working and row.due_on < TODAY]
    done = [row for row in mine if row.state == "done"]
    proposed = [row for row in mine if row.state == "proposed"]
    assert (
        f"{len(mine)} actions of ours are open: {len(late)} are overdue, {len(proposed)} wait to be agreed, "
        f"{len(done)} are done and to be checked." in page
    )
    listed = re.findall(r"Action (\d+)", page)
    worst = sorted(late, key=lambda row: row.due_on)
    assert [f"Action {number}" for number in listed[: len(late)]] == [row.words for row in worst]
    assert f"{len(late)} of 50 actions" in text(people["quality"].get("/visits/actions/?which=late"))
    assert "2 of 50 actions" in text(people["quality"].get("/visits/actions/?whose=others"))
    csv = people["quality"].get("/visits/actions/?which=verified&format=csv").content.decode()
    assert csv.count("Checked and closed") == sum(row.state == "verified" for row in rows)


def test_a_photograph_shows_that_an_action_is_done(cast, people, settings, tmp_path):
    settings.EVIDENCE = tmp_path
    (action, *_) = with_plan(published(cast, at=NOON), cast)
    at = f"/visits/actions/{action.uuid}/"
    sending = {"kind": "photograph", "caption": "The new lock", "consent": "on"}
    assert "Choose the file" in text(people["alder"].post(f"{at}evidence/", sending))
    page = SimpleUploadedFile("door.jpg", b"<svg onload=alert(1)>")
    assert "drawing" in text(people["alder"].post(f"{at}evidence/", {**sending, "file": page}))
    picture = photograph()
    unasked = {"kind": "photograph", "file": SimpleUploadedFile("door.jpg", picture)}
    assert "has agreed to it, or do not send it" in text(people["alder"].post(f"{at}evidence/", unasked))
    assert people["birch"].post(f"{at}evidence/", sending).status_code == 404
    assert people["lewisham"].post(f"{at}evidence/", sending).status_code == 403
    sent = people["alder"].post(f"{at}evidence/", {**sending, "file": SimpleUploadedFile("door.jpg", picture)})
    assert sent.status_code == 302
    with own(cast.authority):
        row = Evidence.objects.get()
        assert (row.action, row.visit, row.kind, row.caption) == (action, action.visit, "photograph", "The new lock")
    for who, status in (("alder", 200), ("quality", 200), ("birch", 404), ("lewisham", 404)):
        assert people[who].get(f"/evidence/{row.uuid}/").status_code == status, who
        assert ("The new lock" in text(people[who].get(at))) == (status == 200), who
    with own(cast.authority):
        ImprovementAction.objects.update(state="verified", verified_on=TODAY, verified_how="Seen")
    late = people["alder"].post(f"{at}evidence/", {**sending, "file": SimpleUploadedFile("door.jpg", picture)})
    assert "nothing more is added" in text(late)
    assert "Add a photograph" not in text(people["alder"].get(at))
