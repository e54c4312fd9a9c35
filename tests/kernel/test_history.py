"""History in words, rows as they stood, and what each viewer may read of both."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from commissioning.kernel.audit.events import audited_models, events_of
from commissioning.kernel.audit.history import as_known_on, count_events, history_of, read_events
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import NoViewer, Viewer, acting_as
from commissioning.partnership.models import Framework, Lot, Participation, PriceLine, User
from providers.models import Award, Provider, Rate
from tests.conftest import SERVICE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
STARTS = date(2026, 4, 1)


@pytest.fixture
def officer(southwark):
    with acting_as(SERVICE, by="service:tests"):
        return User.objects.create_user("ada@southwark.example", role="commissioning_officer", authority=southwark)


@pytest.fixture
def framework(southwark, as_authority):
    with as_authority(southwark):
        framework = Framework.objects.create(
            reference="SEL-1", name="Fostering", kind="framework", lead_authority=southwark, starts_on=STARTS,
            ends_before=date(2029, 4, 1),
        )  # fmt: skip
        Participation.objects.create(framework=framework, authority=southwark, starts_on=STARTS)
    return framework


@pytest.fixture
def rate(framework, southwark, as_authority):
    with as_authority(southwark):
        provider = Provider.objects.create(name="Alder Fostering", folded_name="alder")
        lot = Lot.objects.create(framework=framework, number="1", name="General", service_type="fostering")
        line = PriceLine.objects.create(framework=framework, lot=lot, position=1, code="c", name="Core 5 to 10")
        award = Award.objects.create(framework=framework, lot=lot, provider=provider, starts_on=STARTS)
        return Rate.objects.create(
            award=award,
            price_line=line,
            framework=framework,
            lot=lot,
            provider=provider,
            amount="790",
            starts_on=STARTS,
        )


def test_a_change_is_told_in_words(framework, officer, southwark, lewisham):
    with acting_as(officer.viewer, by=officer, reason="letter of 3 May"):
        Framework.objects.filter(pk=framework.pk).update(
            name="Fostering 2026", ends_before=date(2030, 4, 1), note="Agreed"
        )
    with acting_as(Viewer.of_authority(lewisham.pk), by="service:tests"):
        changed, added = history_of(Framework, row_uuid=framework.uuid)
    assert [change.says for change in changed.changes] == [
        "Name changed from Fostering to Fostering 2026",
        "Last day changed from 31 March 2029 to 31 March 2030",
        "Note: Agreed",
    ]
    assert (changed.who, changed.reason, changed.file) == ("ada@southwark.example", "letter of 3 May", None)
    assert (added.says, added.who) == ("Framework added", "the platform (tests)")
    assert "Lead authority: Southwark" in [change.says for change in added.changes]
    assert "Kind: Framework agreement" in [change.says for change in added.changes]


def test_a_rate_changed_by_a_file_names_file_sheet_and_row(rate, southwark, lewisham, as_authority):
    with as_authority(southwark):
        run = ImportRun.objects.create(source="rates", file_name="alder.xlsx", sha256="x", authority=southwark)
        with acting_as(Viewer.of_authority(southwark.pk), by="service:tests", import_id=run.pk):
            Rate.objects.update(amount=Decimal("805.125"), source_import=run, source_sheet="Rates", source_row=14)
        event = history_of(Rate, row_id=rate.pk)[0]
        assert event.says == "Amount changed from £790.00 a week to £805.125 a week"
        assert event.title == "Core 5 to 10, Fostering, General, Alder Fostering, 1 April 2026"
        assert event.file.says == "file alder.xlsx, sheet Rates, row 14"
        PriceLine.objects.update(unit="per_cent")
        assert history_of(Rate, row_id=rate.pk)[0].says == "Amount changed from 790.00 per cent to 805.125 per cent"
        Participation.objects.create(framework=rate.framework, authority=lewisham, starts_on=STARTS)
    with as_authority(lewisham):
        assert history_of(Rate, row_id=rate.pk)[0].file.says == "another authority's file"


def test_rows_stand_as_they_stood(rate, southwark, as_authority):
    with as_authority(southwark):
        before = timezone.now()
        Rate.objects.update(amount="805")
        between = timezone.now()
        Rate.objects.all().delete()
        (known,) = as_known_on(Rate, before, lot_id=rate.lot_id)
        assert known == rate
        assert (known.amount, known.starts_on, known.ends_before) == (Decimal("790"), STARTS, None)
        assert known.uuid == rate.uuid
        assert [row.amount for row in as_known_on(Rate, between)] == [Decimal("805")]
        assert as_known_on(Rate, between, lot_id=rate.lot_id + 1) == []
        assert as_known_on(Rate, timezone.now()) == []
        assert as_known_on(Rate, before - timedelta(days=1)) == []


def test_a_row_that_moved_is_not_still_where_it_was(rate, southwark, as_authority):
    with as_authority(southwark):
        Lot.objects.filter(pk=rate.lot_id).update(number="2")
        assert as_known_on(Lot, timezone.now(), number="1") == []


def test_history_is_seen_like_the_row(rate, southwark, lewisham, greenwich, as_authority, as_provider):
    def rates_seen(context):
        with context:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM audit.providers_rate")
                under = cursor.fetchone()[0]
            return events_of(Rate).count(), under

    with as_authority(southwark):
        other = Provider.objects.create(name="Birch", folded_name="birch")
    assert rates_seen(as_authority(southwark)) == (1, 1)
    assert rates_seen(as_authority(lewisham)) == (0, 0)
    assert rates_seen(as_provider(rate.provider)) == (1, 1)
    assert rates_seen(as_provider(other)) == (0, 0)
    with as_provider(other):
        assert [event.title for event in history_of(Provider, row_id=other.pk)] == ["Birch"]
        assert history_of(Provider, row_id=rate.provider_id) == []
    with pytest.raises(NoViewer):
        history_of(Provider, row_id=other.pk)


def test_the_query_alone_hides_it_too(rate, lewisham, as_authority):
    """The rule is in the query already: the database's policy is not what hides these rows."""
    with as_authority(lewisham), pytest.raises(EmptyResultSet):
        str(events_of(Rate).query)
    with as_authority(rate.framework.lead_authority):
        assert f'"framework_id" IN ({rate.framework_id})' in str(events_of(Rate).query)


def test_people_are_seen_by_their_authority_alone(officer, southwark, lewisham, framework, as_authority, as_provider):
    with as_authority(southwark):
        assert [event.title for event in history_of(User, row_id=officer.pk)] == ["ada@southwark.example"]
        assert not any(change.column == "password" for change in history_of(User, row_id=officer.pk)[0].changes)
        provider = Provider.objects.create(name="Alder", folded_name="alder")
    with as_authority(lewisham):
        assert history_of(User, row_id=officer.pk) == []
    with acting_as(officer.viewer, by=officer):
        Framework.objects.update(name="New name")
    with as_provider(provider):
        assert history_of(Framework, row_id=framework.pk)[0].who == "an officer of Southwark"


def test_every_history_table_can_be_read_in_one_list(rate, southwark, as_authority, django_assert_num_queries):
    everything = {model: Q() for model in audited_models()}
    with as_authority(southwark):
        read_events(everything)  # what the viewer takes part in is asked once
        # events; names of authorities, frameworks, lots, price lines, providers. Awards have no name to ask.
        with django_assert_num_queries(6):
            events = read_events({Rate: Q(), Lot: Q(), Framework: Q()}, stop=50)
        assert [event.noun for event in events] == ["rate", "lot", "framework"]
        assert count_events({Rate: Q(), Lot: Q(), Framework: Q()}, most=2) == 2
        assert len(read_events(everything, start=2, stop=5)) == 3
