"""What boroughs' systems send: rows by the road of the import page, and single rows changed as they were seen."""

import json
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from commissioning.kernel.models import ImportRun
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.actions.sweep_answers import sweep_answers
from commissioning.partnership.models import KeptAnswer, User
from contracts.models import CostLine, Offer, Placement, Referral
from quality.models import SurveyResponse

from .conftest import officer
from .test_refusals import problem
from .walk import V1, rows

SCOPES = ("placements:write", "cost-lines:write", "referrals:write", "outcomes:write", "*")
PLACEMENT = {
    "reference": "P-77", "child": "C-900", "born_on": "2012-05-17", "sex": "F", "service_type": "residential",
    "provider": "Birch Homes", "company_number": "01234567", "spot_reason": "specialist", "starts_on": "2026-03-02",
    "weekly": "4100.50",
}  # fmt: skip


pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def writer(authority, role="placements_officer", scopes=SCOPES, name="feeder"):
    """The header of a key that writes for a person of this role."""
    with officer(authority):
        person = User.objects.create_user(f"{uuid.uuid4()}@council.test", role=role, authority=authority)
        _, presented = make_key(authority=authority, name=name, scopes=scopes, at=timezone.now(), by=person)
    return {"Authorization": f"Bearer {presented}"}


@pytest.fixture
def key(market, southwark):
    return writer(southwark)


def send(client, name, key, body, once=None, **query):
    address = f"{V1}/{name}/" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
    headers = {**key, "Idempotency-Key": once or str(uuid.uuid4())}
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, raw, content_type="application/json", headers=headers)


def told(answer, status=200):
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def change(client, name, identity, key, match, body):
    headers = {**key, "If-Match": match} if match else key
    return client.patch(
        f"{V1}/{name}/{identity}/", json.dumps(body), content_type="application/json", headers=headers
    )  # fmt: skip


def test_rows_come_by_the_road_of_the_import_page(client, key, southwark):
    wrong = {**PLACEMENT, "reference": "P-78", "child": "C-901", "starts_on": "2011-01-01"}
    report = told(send(client, "placements", key, {
        "placements": [PLACEMENT, wrong],
        "cost_lines": [{"reference": "P-77", "category": "additional", "service": "therapy", "amount": "61.73",
                        "unit": "hour", "quantity": 4.5, "starts_on": "2026-03-09", "last_day": "2026-06-30",
                        "approved_by": "a panel", "approved_on": "2026-03-01", "review_on": "2026-06-01"}],
    }))  # fmt: skip
    assert (report["read"], report["accepted"], report["rejected"]) == (3, 2, 1), json.dumps(report)
    outcomes = [(row["table"], row["row"], row["outcome"]) for row in report["results"]]
    assert outcomes == [("placements", 1, "accepted"), ("placements", 2, "rejected"), ("cost_lines", 1, "accepted")]
    (remark,) = report["results"][1]["remarks"]
    assert (remark["column"], "before the child was born" in remark["says"]) == ("starts_on", True)
    (row,) = [row for row in rows(client, f"{V1}/placements/", key) if row["reference"] == "P-77"]
    assert report["results"][0]["id"] == row["id"]
    assert (row["source_import"], row["route"], row["provider_name"]) == (report["import_id"], "spot", "Birch Homes")
    with officer(southwark):
        run = ImportRun.objects.get(uuid=report["import_id"])
        assert (run.state, run.file_name, run.loaded_by.role) == ("loaded", "feeder (API).json", "placements_officer")
        lines = CostLine.objects.filter(placement__reference="P-77").order_by("starts_on")
        assert [line.weekly_amount for line in lines] == [Decimal("4100.5000"), Decimal("277.7850")]
    again = told(send(client, "placements", key, {"placements": [PLACEMENT]}))
    assert (again["facts_added"], again["facts_changed"], again["results"][0]["id"]) == (0, 0, None)


def test_a_dry_run_says_the_same_and_keeps_nothing(client, key, southwark):
    with officer(southwark):
        before = (Placement.objects.count(), ImportRun.objects.count())
    answer = send(client, "placements", {**key}, {"placements": [PLACEMENT]}, dry_run="true")
    report = told(answer)
    assert (report["dry_run"], report["accepted"], report["facts_added"] > 0) == (True, 1, True)
    with officer(southwark):
        assert (Placement.objects.count(), ImportRun.objects.count()) == before
        assert not KeptAnswer.objects.exists()


def test_lines_searches_and_answers_come_alone(client, key, market, southwark):
    told(send(client, "placements", key, {"placements": [PLACEMENT]}))
    line = {"reference": "P-77", "category": "discount", "amount": 100, "unit": "week", "starts_on": "2026-04-01"}
    report = told(send(client, "cost-lines", key, {"cost_lines": [line, {**line, "reference": "P-0"}]}))
    assert [row["outcome"] for row in report["results"]] == ["accepted", "rejected"]
    assert report["results"][0]["id"] in {row["id"] for row in rows(client, f"{V1}/cost-lines/", key)}
    report = told(send(client, "referrals", key, {
        "referrals": [{"reference": "R-5", "child": "C-900", "opened_at": "2026-02-01T09:30:00Z",
                       "needed_by": "2026-03-02", "urgency": "planned", "in_house_tried": "no",
                       "service_type": "residential"}],
    }))  # fmt: skip
    with officer(southwark):
        search = Referral.objects.get(reference="R-5")
        assert search.opened_at.isoformat() == "2026-02-01T09:30:00+00:00"
    assert report["results"][0]["id"] == str(search.uuid)
    answers = {"placement": "P-77", "answered_on": "2026-05-01", "survey": "no such survey", "s1": 5}
    assert told(send(client, "outcomes", key, {"surveys": [answers]}))["rejected"] == 1


def test_an_answer_by_a_system_is_an_answer(client, key, market, southwark):
    told(send(client, "placements", key, {"placements": [PLACEMENT]}))
    with officer(southwark):
        survey = SurveyResponse.objects.first().survey
        before = SurveyResponse.objects.count()
    row = {"placement": "P-77", "answered_on": "2026-05-01", "survey": survey.code, "s1": 5, "s2": "4"}
    report = told(send(client, "outcomes", key, {"surveys": [row]}))
    assert report["accepted"] == 1, json.dumps(report)
    with officer(southwark):
        assert SurveyResponse.objects.count() == before + 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "0 rows"), ({"placements": []}, 400, "0 rows"), ({"placements": {}}, 400, "not a list"),
        ({"houses": [{"a": 1}]}, 400, "'houses' is no table"), ({"placements": [{"colour": 1}]}, 400, "colour"),
        ({"placements": [{"reference": "x"}]}, 400, "needs the column"),
        ({"placements": [{}]}, 400, "needs the column"),
        ({"placements": [PLACEMENT, dict.fromkeys(PLACEMENT)]}, 400, "row 2: nothing is said"),
        ({"placements": [{**PLACEMENT, "sex": {"a": 1}}]}, 400, "row 1, sex"),
        ({"placements": [PLACEMENT] * 1001}, 400, "1001 rows"),
        ('{"placements": [{"weekly": NaN}]}', 400, "NaN"), ('{"placements": [], "placements": []}', 400, "twice"),
        ('{"placements": "\\u0000"}', 400, "NUL"), ('{"placements": "\\ud800"}', 400, "surrogate"),
        ("[" * 30 + "]" * 30, 400, "deeper"), ("[" * 100_000, 400, "not JSON"), (b"\xff\xfe", 400, "not JSON"),
        ("x" * 1_000_001, 413, "1,000,000"), ("x" * 10_000_000, 413, "1,000,000"), ('{"a": 1e999999999}', 400, "'a'"),
        ("9" * 5000, 400, "not JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(client, key, body, status, words):
    said = problem(send(client, "placements", key, body), status)
    assert words in said["detail"]
    assert said["remedy"]


def test_a_call_is_done_once(client, key, market, southwark, lewisham):
    body = {"placements": [PLACEMENT]}
    first = send(client, "placements", key, body, once="k-1")
    second = send(client, "placements", key, body, once="k-1")
    assert (first.content, second["Idempotency-Replayed"]) == (second.content, "true")
    assert "Idempotency-Replayed" not in first
    problem(send(client, "placements", key, {"placements": [{**PLACEMENT, "sex": "M"}]}, once="k-1"), 422)
    problem(send(client, "cost-lines", key, body, once="k-1"), 400)
    problem(client.post(f"{V1}/placements/", json.dumps(body), content_type="application/json", headers=key), 400)
    problem(send(client, "placements", key, body, once="ké"), 400)
    # A refused call may be mended under its key, and another key's is another's.
    problem(send(client, "placements", key, {"placements": []}, once="k-2"), 400)
    assert send(client, "placements", key, body, once="k-2").status_code == 200
    other = told(send(client, "placements", writer(lewisham), body, once="k-1"))
    assert other["facts_added"] > 0
    with officer(southwark):
        assert Placement.objects.filter(reference="P-77").count() == 1
        kept = KeptAnswer.objects.count()
        KeptAnswer.objects.filter(sent_as="k-2").update(kept_at=timezone.now() - timedelta(hours=24))
    assert sweep_answers(now=timezone.now()) == 1
    with officer(southwark):
        assert KeptAnswer.objects.count() == kept - 1
        # Nothing is told again to whom may no longer do it.
        User.objects.filter(authority=southwark, role="placements_officer").update(role="analyst")
    problem(send(client, "placements", key, body, once="k-1"), 403)


@pytest.mark.parametrize("name", ["placements", "cost-lines", "referrals", "outcomes"])
def test_who_may_not_send(client, market, southwark, name):
    """A key that only reads; a person whose role does not; one who has left; a key for another resource."""
    body = {"placements": [PLACEMENT]}
    with officer(southwark):
        _, reading = make_key(authority=southwark, name="reads", at=timezone.now(), by=None)
    problem(send(client, name, {"Authorization": f"Bearer {reading}"}, body), 403)
    other = "referrals:write" if name != "referrals" else "placements:write"
    problem(send(client, name, writer(southwark, scopes=(other,)), body), 403)
    mine = writer(southwark, scopes=(f"{name}:write",))
    with officer(southwark):
        User.objects.filter(role="placements_officer").update(is_active=False)
    problem(send(client, name, mine, body), 403)


def test_a_row_is_changed_as_it_was_seen(client, key, market, southwark, lewisham):
    told(send(client, "placements", key, {"placements": [PLACEMENT]}))
    with officer(southwark):
        Placement.objects.filter(reference="P-77").update(notice_given_on=date(2026, 5, 4))
        placement = Placement.objects.get(reference="P-77")
    here = f"{V1}/placements/{placement.uuid}/"
    seen = client.get(here, headers=key)
    tag = seen["ETag"]
    assert client.get(here, headers={**key, "If-None-Match": tag}).status_code == 304
    end = {"ends_before": "2026-06-01", "end_reason": "CLOSE", "ended_by": "provider", "ended_as_planned": False,
           "destination": "another_home"}  # fmt: skip
    assert "ETag" in problem(change(client, "placements", placement.uuid, key, "", end), 428)["remedy"]
    alone = problem(change(client, "placements", placement.uuid, key, '"1"', end), 400)  # not "changed": it is not
    assert "ETag" in alone["remedy"]
    problem(change(client, "placements", placement.uuid, key, '"1-000000000000000000000000"', end), 412)
    problem(change(client, "placements", placement.uuid, key, "one", end), 400)
    theirs = market.bought["lewisham"].placement.uuid
    problem(change(client, "placements", theirs, key, tag, end), 404)
    ended = change(client, "placements", placement.uuid, key, tag, end)
    row = told(ended)
    assert (row["ends_before"], row["end_reason"], row["ended_by"]) == ("2026-06-01", "CLOSE", "provider")
    assert row["notice_given_on"] == "2026-05-04", "what is left out stays"
    ended = change(client, "placements", placement.uuid, key, ended["ETag"], {**end, "notice_given_on": None})
    assert told(ended)["notice_given_on"] is None
    problem(change(client, "placements", placement.uuid, key, tag, end), 412)
    said = problem(
        change(client, "placements", placement.uuid, key, ended["ETag"], {**end, "ends_before": "2026-07-01"}), 422
    )
    assert "that day stays" in said["detail"]
    changed = told(
        change(client, "placements", placement.uuid, key, ended["ETag"], {"reference": "P-78", "level": None})
    )
    assert (changed["reference"], changed["ends_before"]) == ("P-78", "2026-06-01")
    with officer(southwark):
        line = CostLine.objects.get(placement=placement)
        assert line.ends_before == date(2026, 6, 1)


def test_a_price_changes_from_a_day(client, key, market, southwark):
    line = market.bought["southwark"].line
    tag = client.get(f"{V1}/cost-lines/{line.uuid}/", headers=key)["ETag"]
    for body, status, words in (
        ({"amount": "4300", "starts_on": "2026-01-05"}, 422, "reason"), ({"amount": "NaN"}, 400, "amount"),
        ({"colour": 1}, 400, "colour"), ({}, 422, "Send ends_before"),
        ({"ends_before": "5 Jan 2026"}, 400, "ends_before"),
    ):  # fmt: skip
        assert words in problem(change(client, "cost-lines", line.uuid, key, tag, body), status)["detail"]
    answer = change(client, "cost-lines", line.uuid, key, tag, {
        "amount": "4300.10", "starts_on": "2026-01-05", "reason": "Uplift",
    })  # fmt: skip
    row = told(answer, 201)
    assert (row["amount"], row["starts_on"], answer["Location"]) == (
        "4300.1000", "2026-01-05", f"{V1}/cost-lines/{row['id']}/"
    )  # fmt: skip
    assert told(client.get(f"{V1}/cost-lines/{line.uuid}/", headers=key))["ends_before"] == "2026-01-05"


def test_a_search_ends_and_goes_on(client, key, market, southwark):
    ours = market.bought["southwark"]
    here = f"{V1}/referrals/{ours.referral.uuid}/"
    with officer(southwark):
        Placement.objects.filter(referral=ours.referral).update(referral=None)
        Offer.objects.filter(pk=ours.offer.pk).update(answer="offered", answered_at=timezone.now())

    def turn(body):
        tag = client.get(here, headers=key)["ETag"]
        return change(client, "referrals", ours.referral.uuid, key, tag, body)

    assert told(turn({"outcome": "withdrawn"}))["outcome"] == "withdrawn"
    assert "closed" in problem(turn({"outcome": "withdrawn"}), 422)["detail"]
    assert "reason" in problem(turn({"outcome": None}), 422)["detail"]
    assert told(turn({"outcome": None, "reason": "A place came up"}))["outcome"] is None
    assert "No offer" in problem(turn({"offer": str(uuid.uuid4()), "chosen_why": "x"}), 422)["detail"]
    row = told(turn({"offer": str(ours.offer.uuid), "chosen_why": "Near school"}))
    assert (row["outcome"], row["offers"][0]["chosen"]) == ("placed", True)
