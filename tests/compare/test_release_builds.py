"""Builds that do not end well: what they say, what they leave, how they are begun again; and progress on the way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.utils import OperationalError
from django.utils import timezone

from commissioning.compare.actions import build_release as building
from commissioning.compare.actions.build_release import build_release
from commissioning.compare.actions.releases import STALLED_AFTER, approve_release, build_again, withdraw_release
from commissioning.compare.models import PublishedFigure, Release
from commissioning.compare.rules.suppression import NotSafe
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.compare.releasing import NOW, build, now_of

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)


def as_person(person):
    return acting_as(person.viewer, by=person)


def figures(release, person):
    with as_person(person):
        return PublishedFigure.objects.filter(release=release).count()


def begin_again(release, person, *, later=timedelta(0)):
    with as_person(person):
        return build_again(release=release, by=person, now=timezone.now() + later)


def finish(release):
    build_release(release_id=release.pk, now=lambda: NOW)


def raises(problem):
    def instead(*_, **__):
        raise problem

    return instead


def test_an_unsafe_release_is_not_made_and_says_so(market, asks, second, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(building, "make", raises(NotSafe("market: it can be worked out")))
        release = build(by=asks)
    assert (release.state, release.stage) == ("failed", "")
    assert release.message == "Nothing was published: market: it can be worked out."
    assert figures(release, asks) == 0
    with as_person(second), pytest.raises(ValidationError, match="only a release that is built can be approved"):
        approve_release(release=release, by=second, now=NOW)


@pytest.mark.parametrize("where", ["contributions", "make", "_row", "_forget"])
def test_a_crash_leaves_it_failed_and_it_is_built_again(market, asks, second, monkeypatch, where):
    with monkeypatch.context() as patch:
        patch.setattr(building, where, raises(ZeroDivisionError()))
        with pytest.raises(ZeroDivisionError):
            build(by=asks)
    with as_person(asks):
        release = Release.objects.get()
    assert release.state == "failed"
    assert release.message == building.STOPPED
    assert figures(release, asks) == 0
    waiting = begin_again(release, second)
    assert (waiting.state, waiting.message) == ("requested", "")
    finish(release)
    once = figures(release, asks)
    assert now_of(release, asks).state == "built"
    assert once > 0
    with as_person(asks):
        history = events_of(Release).filter(row_id=release.pk).order_by("event_id")
        told = history.values_list("after__state", "actor")
        assert list(dict.fromkeys(told)) == [
            ("requested", f"user:{asks.uuid}"), ("building", building.BY), ("failed", building.BY),
            ("requested", f"user:{second.uuid}"), ("built", building.BY),
        ]  # fmt: skip


def test_a_worker_without_the_sign_in_says_what_to_set(market, asks, settings, monkeypatch):
    with monkeypatch.context() as patch:
        patch.delitem(settings.DATABASES, "release")
        release = build(by=asks)
    assert release.state == "failed"
    assert "sets DATABASE_RELEASE_URL for the worker, and for nothing else" in release.message
    begin_again(release, asks)
    finish(release)
    assert now_of(release, asks).state == "built"


def test_a_sign_in_that_does_not_work_says_what_to_check(market, asks, monkeypatch, caplog):
    monkeypatch.setattr(building, "_release", raises(OperationalError("password authentication failed")))
    release = build(by=asks)
    assert release.state == "failed"
    assert "checks that DATABASE_RELEASE_URL signs in as the role release" in release.message
    assert "password authentication failed" in caplog.text  # for whoever keeps the platform, and on no page


def test_rules_that_the_settings_would_loosen_build_nothing(market, asks, settings):
    settings.DISCLOSURE = "other_authorities=1"
    release = build(by=asks)
    assert release.state == "failed"
    assert "it may only be stricter" in release.message
    settings.DISCLOSURE = "other_authorities=4"
    begin_again(release, asks)
    finish(release)
    assert now_of(release, asks).rules["other_authorities"] == 4


def test_progress_shows_while_it_goes_on(market, asks, monkeypatch):
    seen, plain = [], building.make

    def slowly(*given, tell, **more):
        for done in range(3):
            tell("Looking for what could be worked out", done, 3)
            with as_person(asks):
                now = Release.objects.get()
            seen.append((now.state, now.stage, now.done, now.total))
        return plain(*given, tell=tell, **more)

    monkeypatch.setattr(building, "SHOWS_EVERY", 0)
    monkeypatch.setattr(building, "make", slowly)
    release = build(by=asks)
    looking = "Looking for what could be worked out"
    assert seen == [("building", looking, done, 3) for done in range(3)]
    assert (release.state, release.stage, release.done, release.total) == ("built", "", 0, 0)


def test_a_stalled_build_is_begun_again_and_the_old_one_leaves_it_alone(market, asks, second, monkeypatch):
    plain = building.make

    def stalls(*given, **more):
        """Nothing moves for half an hour; a person presses, and only then does the old worker go on."""
        with as_person(asks):
            release = Release.objects.get()
        with pytest.raises(ValidationError, match="nothing to build again"):
            begin_again(release, second)
        begin_again(release, second, later=STALLED_AFTER + timedelta(minutes=1))
        return plain(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(building, "make", stalls)
        release = build(by=asks)
    assert (release.state, release.stage) == ("requested", "Waiting its turn")
    assert figures(release, asks) == 0
    finish(release)
    assert now_of(release, asks).state == "built"


def test_what_is_withdrawn_while_it_stalls_stays_withdrawn_even_by_a_crash(market, asks, monkeypatch):
    def stalls(*_, **__):
        with as_person(asks):
            later = timezone.now() + STALLED_AFTER + timedelta(minutes=1)
            withdraw_release(release=Release.objects.get(), by=asks, now=later, why="It never ends")
        raise ZeroDivisionError

    monkeypatch.setattr(building, "make", stalls)
    with pytest.raises(ZeroDivisionError):
        build(by=asks)
    with as_person(asks):
        release = Release.objects.get()
    assert (release.state, release.withdrawn_why, release.message) == ("withdrawn", "It never ends", "")


def test_a_lot_can_still_be_removed(market, asks):
    """Removing asks whatever points at the row, and web may not ask what contributed."""
    build(by=asks)
    with acting_as(Viewer.of_authority(market.framework.lead_authority_id), by="service:tests"):
        spare = market.framework.lots.create(number="9", name="Spare", service_type="fostering")
        spare.delete()
        assert not market.framework.lots.filter(number="9").exists()
