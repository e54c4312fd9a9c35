"""A warehouse that pulls every night, through five days in which others go on editing, ends with what its authority
sees: row for row, field for field."""

import json
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from random import Random

import pytest

from api.resources import Resource
from api.urls import RESOURCES
from commissioning.kernel.audit.events import events_of
from commissioning.partnership.actions.take_part import join_framework, leave_framework
from commissioning.partnership.models import Participation, User
from contracts.models import AgreementVersion, CostLine, FundingSplit, Placement, Referral
from providers.models import Rate

from .conftest import bearer, officer
from .edits import BY, TABLE, Scene, make_figures
from .test_at_once import digest
from .test_walks import in_thread, settle
from .walk import V1, apply, pages, rows, whole

OF_ROWS = [each.name for each in RESOURCES if isinstance(each, Resource)]
WORKED_OUT = [each.name for each in RESOURCES if not isinstance(each, Resource)]
# Lists that a row may leave without being removed.
FILTERED = ("rates/?in_force_on=2025-09-01", "placements/?open_on=2025-09-01", "actions/?state=proposed")
# Who edits at the same time: each has tables of its own, so that its choices are the same in every run.
DESKS = (
    ("referrals", "placements", "agreements", "cost-lines", "funding-splits", "spend"),
    ("inspections", "visits", "actions", "suspensions", "notifiable-events", "outcomes"),
)
DATABASE = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
NIGHTS = 5
HOLDING = ((0,), (1,), (2,), (0, 1), ())  # whose transaction is open across the pull, by night
OWN = (Referral, Placement, AgreementVersion, CostLine, FundingSplit)


class Reconciler:
    """One authority's warehouse: what it holds of each list, brought up to date by pulls."""

    def __init__(self, client, key, took=lambda: None):
        self.client, self.key, self.took = client, key, took
        self.held, self.marks, self.ever = {}, {}, set()
        for name in [*(f"{each}/" for each in (*OF_ROWS, *WORKED_OUT)), *FILTERED]:
            self.held[name] = {}
            self.pull(name, limit=100)

    def pull(self, name, *, limit=None):
        """`limit`: rows of a page; None: as one stream. What has no changes to ask for is read whole."""
        address = f"{V1}/{name}{'&' if '?' in name else '?'}"
        if name.rstrip("/") in WORKED_OUT:
            self.held[name] = {row["id"]: row for row in rows(self.client, address.rstrip("?"), self.key)}
            return
        if name in self.marks:
            address += f"updated_since={self.marks[name]}&"
        if limit is None:
            answer = self.client.get(f"{address}format=ndjson", headers=self.key)
            told, mark = [json.loads(line) for line in whole(answer).decode().splitlines()], answer["Watermark"]
            self.took()
        else:
            told = []
            for page in pages(self.client, f"{address}limit={limit}", self.key):
                told += page["results"]
                mark = page["watermark"]
                self.took()
        apply(self.held[name], told)
        self.marks[name] = mark
        self.ever |= {row["id"] for row in told if not row.get("deleted")}

    def night(self, number):
        for place, name in enumerate(self.held):
            if name.rstrip("/") in WORKED_OUT and number not in (2, NIGHTS):
                continue
            self.pull(name, limit=None if (place + number) % 4 == 3 else 2 + (place + number) % 4)


class Desk:
    """An editor: does its edits in an order of its own, one whenever it may."""

    def __init__(self, scene, edits, number):
        self.edits, self.random, self.number = edits, Random(number), number
        self.scene, self.may, self.stop = scene, threading.Semaphore(0), threading.Event()
        self.done, self.failed = [], []

    def do(self, edit):
        scene = replace(self.scene, random=self.random, who=edit.who)
        try:
            with scene.door() if edit.who else ExitStack():
                edit.work(scene)
        except Exception as problem:
            self.failed.append(f"{edit}: {problem!r}")
            raise
        self.done.append(edit)

    def day(self, hold, opened, pulled):
        """Half of its edits, each once it may. `hold`: the first of one person are one transaction, which is open until
        the pull is over."""
        todo = self.random.sample(self.edits, len(self.edits) // 2)
        if hold:
            first = next(edit for edit in todo if edit.who in ("southwark", "lewisham"))
            held = [edit for edit in todo if edit.who == first.who][:6]
            todo = [edit for edit in todo if edit not in held]
            with replace(self.scene, who=first.who).door():
                for edit in held:
                    self.do(edit)
                opened.set()
                assert pulled.wait(120)
        opened.set()
        for edit in todo:
            assert self.may.acquire(timeout=120)
            self.do(edit)


@pytest.mark.parametrize("name", [each.name for each in RESOURCES])
def test_every_resource_is_edited(name):
    assert [edit for edit in TABLE if edit.resource == name], f"tests/api/edits.py has no edit of {name}"


def test_every_edit_is_of_a_resource():
    assert {edit.resource for edit in TABLE} <= {*OF_ROWS, *WORKED_OUT}


@pytest.fixture
def scene(market, southwark, lewisham, greenwich):
    with officer(southwark):
        people = tuple(
            User.objects.create_user(f"{who}@figures.test", role="commissioning_officer", authority=southwark)
            for who in ("first", "second")
        )
    made = Scene(market, {"southwark": southwark, "lewisham": lewisham, "greenwich": greenwich}, people)
    make_figures(made, date(2026, 3, 31), "published")
    return made


def leave_or_rejoin(scene, night):
    """Lewisham is away from Southwark's framework for a day, on its own days of the framework too."""
    lewisham, framework = scene.authorities["lewisham"], scene.market.ours.framework
    with officer(scene.authorities["southwark"]):
        if night == 1:
            part = Participation.objects.get(framework=framework, authority=lewisham)
            leave_framework(participation=part, ends_before=date(2025, 8, 1), version=part.version, by=BY)
        if night == 2:
            join_framework(framework=framework, authority=lewisham, starts_on=date(2025, 11, 1), by=BY)
        if night == 3:
            Participation.objects.filter(framework=framework, authority=lewisham, starts_on=date(2025, 11, 1)).delete()
        if night == 4:
            Participation.objects.filter(framework=framework, authority=lewisham).update(ends_before=None)


@DATABASE
def test_copies_are_exact_after_five_days_of_edits(client, scene, settings):
    settings.API_CALLS_OF_KEY = settings.API_CALLS_OF_AUTHORITY = 100_000
    keys = {slug: bearer(scene.authorities[slug]) for slug in ("southwark", "lewisham")}
    quiet = [name for names in DESKS for name in names]
    mine = ([edit for edit in TABLE if edit.resource not in quiet],
            *([edit for edit in TABLE if edit.resource in names] for names in DESKS))  # fmt: skip
    desks = [Desk(scene, edits, number) for number, edits in enumerate(mine)]

    def took():
        for desk in desks:
            desk.may.release()

    copies = {slug: Reconciler(client, keys[slug], took) for slug in keys}
    for night in range(NIGHTS):
        leave_or_rejoin(scene, night)
        pulled, threads = threading.Event(), []
        for desk in desks:
            desk.may, opened = threading.Semaphore(0), threading.Event()
            threads.append(in_thread(desk.day, desk.number in HOLDING[night], opened, pulled))
            assert opened.wait(60), desk.failed
        try:
            for copy in copies.values():
                copy.night(night)
        finally:
            pulled.set()
            for desk in desks:
                desk.may.release(len(TABLE))
            for thread in threads:
                thread.join()
        assert not [problem for desk in desks for problem in desk.failed]
    settle()
    for slug, copy in copies.items():
        copy.night(NIGHTS)
        same_as_source(slug, copy)
        nothing_of(scene, "lewisham" if slug == "southwark" else "southwark", slug, copy)


def same_as_source(slug, copy):
    """Every field of every row; and what the list counts."""
    fresh = Reconciler(copy.client, copy.key)
    wrong = []
    for name, held in copy.held.items():
        assert fresh.held[name] or name in FILTERED, f"{name} is empty: nothing was tried"
        wrong += differences(slug, name, held, fresh.held[name])
        address, _, filters = name.partition("?")
        if address.rstrip("/") not in WORKED_OUT:
            counted = json.loads(copy.client.get(f"{V1}/{address}count/?{filters}", headers=copy.key).content)
            told = (counted["rows"], counted["unsettled"], counted["digest"])
            if told != (len(held), 0, digest(held.values())):
                wrong.append(f"{slug} {name} counts {told}, and the copy {len(held)}, {digest(held.values())}")
    assert not wrong, "\n" + "\n".join(wrong)


def differences(slug, name, held, source):
    """A line for each row that is not the same."""
    return [
        f"{slug} {name} {key}: {_difference(held.get(key), source.get(key))}"
        for key in held.keys() | source.keys() if held.get(key) != source.get(key)
    ]  # fmt: skip


def _difference(held, source):
    if held is None or source is None:
        return f"held {held}, source {source}"
    return {name: (held[name], source[name]) for name in source if held[name] != source[name]}


def nothing_of(scene, other, slug, copy):
    """No row that is the other's own was ever told; of Lewisham's framework Southwark was told no rate."""
    with officer(scene.authorities[other]):
        private = {str(row) for model in OWN
                   for row in events_of(model).filter(authority_id=scene.authorities[other].pk)
                   .values_list("row_uuid", flat=True)}  # fmt: skip
        if other == "lewisham":
            theirs = scene.market.theirs.framework.pk
            private |= {str(row) for row in events_of(Rate).filter(framework_id=theirs)
                        .values_list("row_uuid", flat=True)}  # fmt: skip
    assert private
    assert not private & copy.ever, f"{slug} was told rows of {other}: {private & copy.ever}"


RENAMES = [edit for edit in TABLE if edit.work.__name__.startswith(("rename", "renumber", "recode"))]


PRIVATE = ("referrals", "placements", "agreements", "cost-lines", "funding-splits")
BY_WHO_LOOKS = ("rates", "kpi-returns", "visits", "actions")  # what both see, and each differently


def seen_by(edit):
    """Whose copies an edit is looked for in: of what all members see alike, one is enough."""
    if edit.resource in BY_WHO_LOOKS:
        return ("southwark", "lewisham")
    return (edit.who,) if edit.resource in PRIVATE else ("southwark",)


def comes_and_goes(edit):
    return "turned" in edit.work.__code__.co_names


@DATABASE
def test_each_edit_is_told_by_itself(client, scene, settings):
    """In the five days one edit may tell what another should have. What comes and goes does both."""
    settings.API_CALLS_OF_KEY = settings.API_CALLS_OF_AUTHORITY = 100_000
    copies = {slug: Reconciler(client, bearer(scene.authorities[slug])) for slug in ("southwark", "lewisham")}
    desk, wrong = Desk(scene, TABLE, 7), []
    once = [[edit for edit in TABLE if edit.resource == name and edit not in RENAMES] for name in OF_ROWS]
    for together in zip_longest(*(edits + [each for each in edits if comes_and_goes(each)] for edits in once)):
        done = [edit for edit in together if edit is not None]
        for edit in done:
            desk.do(edit)
        settle()
        for edit in done:
            for slug in seen_by(edit):
                copy, name = copies[slug], f"{edit.resource}/"
                copy.pull(name, limit=5)
                source = {row["id"]: row for row in rows(client, f"{V1}/{name}?limit=1000", copy.key)}
                wrong += [f"{edit}: {said}" for said in differences(slug, name, copy.held[name], source)]
    assert not wrong, "\n" + "\n".join(wrong)
    # What another row is called stands in many lists: at last all of them are held against their source.
    copies["southwark"].night(NIGHTS)
    for edit in RENAMES:
        desk.do(edit)
    settle()
    copies["southwark"].night(NIGHTS)
    same_as_source("southwark", copies["southwark"])
