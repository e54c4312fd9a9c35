"""A release from request to withdrawal, by the production road: by whom, what is refused, and what history keeps."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.utils import IntegrityError, ProgrammingError
from django.utils import timezone

from commissioning.compare.actions.releases import (
    approve_release,
    build_again,
    publish_release,
    quarter_ends,
    request_release,
    withdraw_release,
)
from commissioning.compare.jobs import build_release_job, hand_over
from commissioning.compare.models import Contribution, PublishedFigure, Release
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.compare.market import AS_AT, TODAY, open_market
from tests.compare.releasing import NOW, ask, build, now_of, publish, withdraw
from tests.partnership.telling import announced

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
BEFORE = date(2025, 12, 31)


def as_person(person):
    return acting_as(person.viewer, by=person)


def figures_of(release, person):
    with as_person(person):
        return list(PublishedFigure.objects.filter(release=release).order_by("pk"))


def contributions():
    """Release number -> how many rows are kept of it, as the role `release`."""
    with acting_as(Viewer.of_release(), by="service:tests", using="release"):
        found = Contribution.objects.values_list("release__number", flat=True)
        return {number: list(found).count(number) for number in set(found)}


@pytest.fixture
def people():
    """Two who may ask and approve, and no purchases: for what is refused before anything is built."""
    market = open_market(("southwark", "lewisham"), providers=1)
    return SimpleNamespace(asks=market.person("southwark"), second=market.person("lewisham"))


# The road


def test_from_request_to_withdrawal_each_step_is_somebodys(market, asks, second):
    release = build(by=asks)
    assert (release.state, release.number, release.stage, release.message) == ("built", 1, "", "")
    assert release.built_at == NOW
    assert release.report["members"] == release.report["contributing"] == 7
    assert release.rules["other_authorities"] == 3
    assert "weekly_price" in release.definitions
    assert announced() == []
    release = publish(release, second)
    assert (release.approved_by, release.published_by, release.published_at) == (second, second, NOW)
    withdrawn = withdraw(release, asks, "A borough's file was loaded twice")
    assert (withdrawn.state, withdrawn.withdrawn_by) == ("withdrawn", asks)
    assert announced() == [(f"release.{step}", "releases", release.uuid) for step in ("published", "withdrawn")]
    assert figures_of(release, second)  # they stay on record
    with as_person(second):
        told = events_of(Release).filter(row_id=release.pk).order_by("event_id").values_list("after__state", "actor")
        steps = list(dict.fromkeys(told))
        history = events_of(PublishedFigure).filter(after__release_id=release.pk)
        by_whom = set(history.values_list("operation", "actor"))
        figure = history.filter(framework_id=None).order_by("event_id").first()
    first, other, service = f"user:{asks.uuid}", f"user:{second.uuid}", "service:releases"
    assert steps == [
        ("requested", first), ("building", service), ("built", service), ("approved", other), ("published", other),
        ("withdrawn", first),
    ]  # fmt: skip
    assert by_whom == {("insert", service)}
    assert figure.after["measure"]
    assert len(figure.after) == len(PublishedFigure._meta.concrete_fields)


def test_figures_name_a_provider_and_are_means_of_what_was_bought(wide):
    asks, reads = wide.person("southwark"), wide.person("lewisham")
    release = build(by=asks)
    lot, provider = wide.lots["1"], wide.providers["Provider 2"]
    figures = [each for each in figures_of(release, reads) if each.measure == "weekly_price"]
    (named,) = (each for each in figures if each.provider_id == provider.pk and each.lot_id == lot.pk)
    # Seven boroughs' two homes: 830, 833, 840, ... 890, 893. Their mean of 861.50 is told to five pounds, 14 to five.
    assert (named.n, named.mean, named.framework_id) == (15, 860, wide.framework.pk)
    assert len([each for each in figures if each.provider_id]) == 4
    assert all(each.as_at == AS_AT for each in figures)
    (kind,) = (each for each in figures if each.cut == "service")
    # Four providers, 30 pounds apart: 831.50, 861.50, 891.50 and 921.50.
    assert (kind.provider_id, kind.n, kind.mean) == (None, 55, 875)


def test_a_correction_names_what_it_corrects_and_takes_its_place(market, asks, second):
    first = publish(build(by=asks), second)
    with as_person(asks), pytest.raises(ValidationError, match="Release 1 is of that day already .*Correct it instead"):
        request_release(as_at=AS_AT, by=asks, now=NOW, today=TODAY)
    with as_person(asks), pytest.raises(ValidationError, match="Say what was wrong"):
        request_release(as_at=AS_AT, by=asks, now=NOW, today=TODAY, corrects=first, note=" ")
    market.buy("greenwich", ["2000.00"] * 3)
    corrected = publish(build(by=asks, corrects=first, note="Three homes were missing"), second)
    assert (corrected.state, corrected.corrects, corrected.number) == ("published", first, 2)
    told = [("published", first), ("withdrawn", first), ("published", corrected)]
    assert announced() == [(f"release.{step}", "releases", each.uuid) for step, each in told]
    assert corrected.report["against"] == [1]
    old = now_of(first, asks)
    assert (old.state, old.withdrawn_by) == ("withdrawn", second)
    assert old.withdrawn_why == "Corrected by Release 2: Three homes were missing"
    with as_person(asks):
        assert list(Release.objects.published()) == [corrected]
    # Few changed in these, so the corrected figure would tell of them: it is withheld, not shown anew.
    lot = market.lots["1"].pk
    assert not [each for each in figures_of(corrected, asks) if each.lot_id == lot and each.provider_id
                == market.providers["Provider 1"].pk]  # fmt: skip


def test_a_figure_that_changed_too_little_stands_as_it_was(market, asks, second):
    earlier = publish(build(BEFORE, by=asks), second)
    market.buy("greenwich", ["2000.00"], starts_on=date(2026, 2, 2))
    later = build(by=asks)
    assert later.report["against"] == [earlier.number]
    held = [each for each in figures_of(later, asks) if each.held_from_id]
    assert held
    assert {each.held_from_id for each in held} == {earlier.pk}
    before = {(f.measure, f.cut, f.lot_id, f.provider_id): f.mean for f in figures_of(earlier, asks)}
    assert all(each.mean == before[each.measure, each.cut, each.lot_id, each.provider_id] for each in held)


# Refusals


def test_only_a_quarter_that_is_over_and_not_long_ago(people):
    assert quarter_ends(TODAY)[:2] == [AS_AT, BEFORE]
    with as_person(people.asks):
        for day in (date(2026, 3, 30), date(2026, 6, 30), date(2024, 3, 31), TODAY):
            with pytest.raises(ValidationError, match="Choose the last day of a quarter"):
                request_release(as_at=day, by=people.asks, now=NOW, today=TODAY)
        assert not Release.objects.exists()


def test_one_of_a_day_at_a_time(people):
    release = ask(by=people.asks)
    with pytest.raises(ValidationError, match="Finish or withdraw it first"):
        ask(by=people.second)
    with pytest.raises(ValidationError, match="published release of the same day"):
        ask(BEFORE, by=people.second, corrects=release, note="wrong")
    assert ask(BEFORE, by=people.second).number == 2


def test_nobody_approves_what_they_asked_for_nor_what_is_not_built(people):
    release = ask(by=people.asks)
    with as_person(people.second):
        with pytest.raises(ValidationError, match="only a release that is built can be approved"):
            approve_release(release=release, by=people.second, now=NOW)
        with pytest.raises(ValidationError, match="a second person approves it"):
            publish_release(release=release, by=people.second, now=NOW)
        with pytest.raises(ValidationError, match="nothing to build again"):
            build_again(release=release, by=people.second, now=NOW)
    build_release_job(release=release.pk)
    with as_person(people.asks), pytest.raises(ValidationError, match="somebody else has to approve it"):
        approve_release(release=release, by=people.asks, now=NOW)
    with as_person(people.second):
        with pytest.raises(ValidationError, match="a second person approves it"):
            publish_release(release=release, by=people.second, now=NOW)
        approve_release(release=release, by=people.second, now=NOW)
        with pytest.raises(ValidationError, match="only a release that is built"):
            approve_release(release=release, by=people.second, now=NOW)


def test_a_withdrawal_has_a_reason_and_happens_once(people):
    release = ask(by=people.asks)
    with as_person(people.asks), pytest.raises(ValidationError, match="wait until it is done"):
        withdraw_release(release=release, by=people.asks, now=timezone.now(), why="a mistake")
    build_release_job(release=release.pk)
    with pytest.raises(ValidationError, match="Say why"):
        withdraw(release, people.asks, " ")
    withdraw(release, people.asks)
    with pytest.raises(ValidationError, match="withdrawn already"):
        withdraw(release, people.asks)
    assert ask(by=people.asks).number == 2


def test_what_was_published_meanwhile_was_not_compared(people):
    """A reader could subtract the one from the other."""
    earlier, later = build(BEFORE, by=people.asks), build(by=people.asks)
    publish(later, people.second)
    with pytest.raises(ValidationError, match="Release 2 was published after release 1 was built"):
        publish(earlier, people.second)
    withdraw(now_of(earlier, people.asks), people.asks)
    assert publish(build(BEFORE, by=people.asks), people.second).report["against"] == [2]


# The database refuses too


def raw(person, statement, *values):
    with as_person(person), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def test_the_database_refuses_a_self_approval_and_what_skips_a_step(people):
    release = build(by=people.asks)
    assert release.state == "built"
    for change, constraint in (
        ("approved_by_id = requested_by_id", "release_has_a_second_person"),
        ("state = 'approved'", "release_is_approved_before_it_is_published"),
        ("state = 'published'", "release_is_approved_before_it_is_published"),
        ("withdrawn_at = now()", "release_is_withdrawn_for_a_reason"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            raw(people.asks, f"UPDATE compare_release SET {change} WHERE id = %s", release.pk)
    assert now_of(release, people.asks).state == "built"


def test_web_writes_no_figure_and_reads_no_contribution(market, asks):
    release = build(by=asks)
    assert contributions()[release.number] > 50
    for statement in (
        "UPDATE compare_publishedfigure SET mean = 1",
        "DELETE FROM compare_publishedfigure",
        "INSERT INTO compare_publishedfigure (release_id, measure, cut, as_at) VALUES (1, 'x', 'x', '2026-03-31')",
        "SELECT count(*) FROM compare_contribution",
        "DELETE FROM compare_contribution",
    ):
        for viewer in (asks.viewer, Viewer.of_service("tests"), Viewer.of_release()):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                acting_as(viewer, by="service:tests"), connection.cursor() as cursor,
            ):  # fmt: skip
                cursor.execute(statement)
    with as_person(asks):
        assert not Contribution.objects.exists()  # the manager does not even ask
    assert figures_of(release, asks)


# The job


def test_the_job_is_queued_with_the_request_and_builds_it(people):
    with as_person(people.asks):
        release = request_release(as_at=AS_AT, by=people.asks, now=NOW, today=TODAY)
        hand_over(release)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, args FROM procrastinate_jobs"
            " WHERE task_name = 'compare.build_release' AND args ->> 'release' = %s",
            [str(release.pk)],
        )
        (queue, arguments), *others = cursor.fetchall()
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    assert (queue, arguments, others) == ("releases", {"release": release.pk}, [])
    build_release_job(**arguments)
    built = now_of(release, people.asks)
    assert built.state == "built"
    build_release_job(**arguments)  # asked twice: the first one did it
    assert now_of(release, people.asks).version == built.version
    assert built.built_at - timezone.now() < timedelta(minutes=1)


def test_contributions_are_kept_as_long_as_a_later_release_is_held_against_them(market, asks, second):
    first = publish(build(BEFORE, by=asks), second)
    waiting = build(by=asks)
    assert set(contributions()) == {1, 2}
    withdraw(waiting, asks)
    build(by=asks)
    assert set(contributions()) == {1, 3}, "what was withdrawn and shown to nobody is thrown away"
    corrected = build(BEFORE, by=asks, corrects=first, note="It was wrong")
    assert set(contributions()) == {1, 3, 4}
    publish(corrected, second)
    build(date(2025, 9, 30), by=asks)
    assert set(contributions()) == {1, 3, 4, 5}, "what was once seen stays known, corrected or not"


def test_a_release_after_a_withdrawal_is_held_against_what_was_seen(wide):
    asks, second = wide.person("southwark"), wide.person("lewisham")
    first = withdraw(publish(build(by=asks), second), second)
    wide.buy("greenwich", ["2000.00"])
    again = build(by=asks)
    assert again.report["against"] == [first.number]
    seen, now = ({(f.measure, f.cut, f.provider_id): f.mean for f in figures_of(release, asks)}
                 for release in (first, again))  # fmt: skip
    provider, other = wide.providers["Provider 1"].pk, wide.providers["Provider 2"].pk
    name, beside = (("weekly_price", "provider_market", each) for each in (provider, other))
    assert seen[name] == 830
    assert name not in now, "one home would show by subtracting"
    assert now[beside] == seen[beside] == 860
    assert seen["weekly_price", "service", None] == 875
    assert ("weekly_price", "service", None) not in now
