"""The pages of releases: who may take which step in which state, what each says, and how a refusal is told."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from commissioning.compare.models import Release
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.compare.figures import release_by
from tests.compare.samples import group

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HERE = "/benchmarks/releases/"
BUTTONS = {
    "Approve this release": "approve/", "Publish to every member": "publish/", "Build it again": "again/",
    "Correct it": "correct/", "Withdraw it": "withdraw/",
}  # fmt: skip


@pytest.fixture
def people(cast):
    return cast.person("commissioning_officer"), cast.person("commissioning_officer", stranger=True)


def opened(user):
    client = Client()
    client.force_login(user)
    return client


def words(answer, status=200):
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def offered(user, release):
    page = words(opened(user).get(f"{HERE}{release.uuid}/"))
    return {step for name, step in BUTTONS.items() if f">{name}</" in page}


def state(release):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        return Release.objects.get(pk=release.pk).state


@pytest.mark.parametrize(("at", "first", "second", "steering", "analyst"), [
    ("requested", "", "", "", ""), ("built", "withdraw/", "approve/ withdraw/", "approve/", ""),
    ("approved", "publish/ withdraw/", "publish/ withdraw/", "", ""),
    ("published", "correct/ withdraw/", "correct/ withdraw/", "", ""), ("withdrawn", "", "", "", ""),
])  # fmt: skip
def test_who_is_offered_which_step(cast, people, at, first, second, steering, analyst):
    release = release_by(*people, state=at)
    roles = [*people, cast.person("steering_member"), cast.person("analyst")]
    for person, steps in zip(roles, (first, second, steering, analyst), strict=True):
        assert offered(person, release) == set(steps.split()), person


def test_nobody_approves_their_own_and_is_told_so(people):
    release = release_by(*people, state="built")
    told = "You asked for this release, so somebody else has to approve it."
    assert told in words(opened(people[0]).get(f"{HERE}{release.uuid}/"))
    assert told in words(opened(people[0]).post(f"{HERE}{release.uuid}/approve/", follow=True))
    assert state(release) == "built"
    assert told not in words(opened(people[1]).get(f"{HERE}{release.uuid}/"))


def test_a_step_out_of_order_is_refused_with_a_sentence(people):
    release = release_by(*people, state="built")
    client = opened(people[1])
    page = words(client.post(f"{HERE}{release.uuid}/publish/", follow=True))
    assert "a second person approves it before it is published" in page
    assert "there is nothing to build again" in words(client.post(f"{HERE}{release.uuid}/again/", follow=True))
    client.post(f"{HERE}{release.uuid}/approve/")
    page = words(client.post(f"{HERE}{release.uuid}/approve/", follow=True))
    assert "only a release that is built can be approved" in page
    assert state(release) == "approved"


@pytest.mark.parametrize("step", ["approve/", "publish/", "again/"])
def test_a_step_is_never_taken_by_opening_an_address(people, step):
    release = release_by(*people, state="built")
    assert opened(people[1]).get(f"{HERE}{release.uuid}/{step}").status_code == 405


@time_machine.travel("2026-04-20T09:00Z", tick=False)
def test_asking_puts_it_in_the_queue_once(people):
    client = opened(people[0])
    answer = client.post(f"{HERE}new/", {"as_at": "2026-03-31", "note": "First"})
    assert answer.status_code == 302
    page = words(client.get(answer["Location"]))
    assert "hx-get" in page
    assert "You can leave this page" in page
    progress = client.get(f"{answer['Location']}progress/")
    assert "HX-Refresh" not in progress
    again = words(client.post(f"{HERE}new/", {"as_at": "2026-03-31"}))
    assert "Release 1 is of that day already" in again
    assert "31 March 2026: Release 1 is waiting to be built" in again, "said before it is chosen"
    assert ProcrastinateJob.objects.filter(task_name="compare.build_release").count() == 1
    assert "Choose the last day of a quarter" in words(client.post(f"{HERE}new/", {"as_at": "2026-05-01"}))


def test_what_failed_or_stands_still_is_built_again(people):
    failed = release_by(*people, state="requested")
    with acting_as(people[0].viewer, by=people[0]):
        Release.objects.filter(pk=failed.pk).update(state="failed", message="Nothing was published: too few.")
    client = opened(people[1])
    assert "Nothing was published: too few." in words(client.get(f"{HERE}{failed.uuid}/"))
    assert offered(people[1], failed) == {"again/"}
    client.post(f"{HERE}{failed.uuid}/again/")
    assert state(failed) == "requested"
    assert offered(people[1], failed) == set()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        page = words(opened(people[1]).get(f"{HERE}{failed.uuid}/"))
        assert "Nothing has moved for half an hour" in page
        assert "hx-get" not in page
    assert client.get(f"{HERE}{failed.uuid}/progress/").status_code == 200


def test_withdrawing_and_correcting_want_a_reason(people):
    release = release_by(*people, as_at=date(2026, 9, 30))
    client = opened(people[0])
    for step, sentence in (("withdraw/", "Say why"), ("correct/", "Say what was wrong")):
        page = words(client.post(f"{HERE}{release.uuid}/{step}", {"why": " ", "note": " "}))
        assert sentence in page
    with time_machine.travel("2026-11-20T09:00Z"):
        client = opened(people[0])
        answer = client.post(f"{HERE}{release.uuid}/correct/", {"note": "A file was sent twice"})
        assert answer.status_code == 302
        assert "corrects this release" in words(client.get(f"{HERE}{release.uuid}/"))
        assert "Release 1: A file was sent twice" in words(client.get(answer["Location"]))
        client.post(f"{HERE}{release.uuid}/withdraw/", {"why": "Wrong"})
        page = words(client.get(f"{HERE}{release.uuid}/"))
        assert "Withdrawn: Wrong" in page
        twice = words(client.post(f"{HERE}{release.uuid}/withdraw/", {"why": "Wrong"}))
        assert "is withdrawn already" in twice


def test_the_audit_is_told_in_counts(cast, people):
    told = {"tried": 12, "exact": 0, "narrowest": 5}
    report = {
        "members": 7, "contributing": 7, "held": 3, "groups": {str(group(cast).uuid): False},
        "populations": {"homes": {
            "rows_to_nearest_five": 3355, "cells": 523, "shown": 230, "reasons": {"few_children": 210, "difference": 4},
            "counts": told, "amounts": {**told, "narrowest": None},
        }},
    }  # fmt: skip
    release = release_by(*people, report=report)
    page = words(opened(cast.person("analyst")).get(f"{HERE}{release.uuid}/"))
    for sentence in ("3,355", "few children: 210; it differs too little from another figure: 4", ">24<",
                     "Inner London: its figures would tell those of the few in it", "1 to 7 withheld"):  # fmt: skip
        assert sentence in page
    assert "audit/compare_release" not in page, "an analyst reads no history"
    assert "audit/compare_release" in words(opened(people[0]).get(f"{HERE}{release.uuid}/"))


def test_a_release_of_other_rules_is_still_read(people):
    release = release_by(*people, rules={"hidden_up_to": 9, "a_rule_of_then": 1})
    assert "1 to 9 withheld, others to the nearest 5" in words(opened(people[0]).get(f"{HERE}{release.uuid}/"))


def test_the_list_says_what_waits_and_is_a_file_too(people):
    for number, at in enumerate(("published", "built", "withdrawn"), 1):
        release_by(*people, number=number, as_at=date(2025, 3 * number, 30), state=at)
    client = opened(people[0])
    page = words(client.get(HERE))
    assert "The newest figures are of the twelve months to 30 March 2025 (Release 1). 1 waits for somebody" in page
    rows = list(csv.reader(io.StringIO(client.get(f"{HERE}?format=csv").content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["Release 3", "Release 2", "Release 1"]


def test_a_hundred_releases_cost_no_more_queries(people):
    release_by(*people)
    client = opened(people[0])

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(HERE).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(2, 101):
        release_by(*people, number=number, as_at=date(2025, 1, 1) + timedelta(days=number))
    assert queries() == few
    assert few <= 15
