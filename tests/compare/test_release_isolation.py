"""Who sees a figure that names a provider: whoever took part in the framework on the day it tells of. With either
layer off the other still says so."""

from datetime import date

import pytest
from django.db import connection, connections
from django.db.models import Manager

from commissioning.compare.models import PublishedFigure, Release
from commissioning.kernel.audit import events
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.models import VisibleManager
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Participation
from tests.compare.conftest import LEAVER, OUTSIDER
from tests.compare.releasing import build, publish

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
BOTH, POLICIES, FILTER, NEITHER = "both layers", "policies alone", "filter alone", "neither"
TABLES = (("owner", "public"), ("audit", "audit"))


def policies(turn):
    with connections["owner"].cursor() as cursor:
        for role, schema in TABLES:
            cursor.execute(f"SET ROLE {role}")
            cursor.execute(f"ALTER TABLE {schema}.compare_publishedfigure {turn} ROW LEVEL SECURITY")
        cursor.execute("RESET ROLE")


@pytest.fixture(params=[BOTH, POLICIES, FILTER, NEITHER])
def layer(request, monkeypatch):
    def open_up():
        if request.param in (POLICIES, NEITHER):
            monkeypatch.setattr(VisibleManager, "get_queryset", lambda manager: Manager.get_queryset(manager))
            monkeypatch.setattr(events, "_seen", lambda model, now: events.Q())
        if request.param in (FILTER, NEITHER):
            policies("DISABLE")
        return request.param

    yield open_up
    policies("ENABLE")


def test_a_figure_that_names_a_provider_is_for_those_who_take_part(market, asks, second, layer):
    release = publish(build(by=asks), second)
    which = layer()
    told = {}
    for slug, authority in market.authorities.items():
        with acting_as(Viewer.of_authority(authority.pk), by="service:tests"):
            seen = set(PublishedFigure.objects.filter(release_id=release.pk).values_list("pk", "framework_id"))
            history = events_of(PublishedFigure).filter(after__release_id=release.pk)  # of earlier tests there is more
            past = set(history.values_list("row_id", "framework_id"))
            assert past == seen
            told[slug] = seen
    whole = told["southwark"]
    named = {(key, framework) for key, framework in whole if framework}
    assert named
    assert whole - named
    for slug, seen in told.items():
        expected = whole - named if slug in (OUTSIDER, LEAVER) and which != NEITHER else whole
        assert seen == expected, slug


def test_who_joins_later_sees_the_figures_of_its_own_days(market, asks, second):
    earlier, later = build(date(2025, 12, 31), by=asks), build(by=asks)
    croydon = market.authorities[OUTSIDER]
    with market.acting("southwark"):
        Participation.objects.create(framework=market.framework, authority=croydon, starts_on=date(2026, 1, 1))
    with market.acting(OUTSIDER):
        named = PublishedFigure.objects.exclude(framework=None)
        assert {each.release_id for each in named} == {later.pk}
        assert {each.release_id for each in PublishedFigure.objects.filter(framework=None)} == {earlier.pk, later.pk}


def test_providers_and_the_signed_out_see_nothing_of_releases(market, asks, second):
    publish(build(by=asks), second)
    provider = market.providers["Provider 1"]
    for viewer in (Viewer.of_provider(provider.pk), Viewer.nobody(), Viewer.of_release()):
        with acting_as(viewer, by="service:tests"), connection.cursor() as cursor:
            assert not Release.objects.exists()
            assert not PublishedFigure.objects.exists()
            for table in ("compare_release", "compare_publishedfigure", "compare_peergroup", "compare_peermember"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,)
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        assert PublishedFigure.objects.exists()
        assert not PublishedFigure.objects.exclude(framework=None).exists()
