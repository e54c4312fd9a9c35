"""Frameworks as actions and rules: what is recorded, what is refused and in which words."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.change_framework import (
    change_framework,
    change_term,
    record_event,
    take_extension,
)
from commissioning.partnership.actions.change_lots import add_lot, change_lot
from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.actions.let_framework import let_framework
from commissioning.partnership.actions.set_price_lines import set_price_lines
from commissioning.partnership.actions.take_part import join_framework, leave_framework
from commissioning.partnership.models import Framework, Participation, PriceLine
from commissioning.partnership.pages.framework_forms import _summary
from commissioning.partnership.rules.terms import check_term, last_day, notice
from providers.models import Award, Provider, Rate
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
STARTS, ENDS = date(2026, 4, 1), date(2029, 4, 1)
BY = "service:tests"
LINE = {
    "uuid": None, "position": 1, "code": "core-5", "name": "Core 5 to 10", "unit": "week", "category": "core",
    "level": "standard", "age_from": 5, "age_to": 10, "includes": "",
}  # fmt: skip
WHAT = {"name": "Fostering", "reference": "SEL-1", "kind": "framework", "note": ""}


@pytest.fixture
def framework(southwark, lewisham, as_authority):
    with as_authority(southwark):
        return let_framework(
            by=BY, lead_authority=southwark, name="Fostering", reference="SEL-1", kind="framework", starts_on=STARTS,
            ends_before=ENDS, extension_months=[12, 6], participants=[southwark, lewisham],
        )  # fmt: skip


@pytest.fixture
def lot(framework, southwark, as_authority):
    with as_authority(southwark):
        return add_lot(
            framework=framework, by=BY, number="1", name="General", service_type="fostering", call_off_method="ranked"
        )


def fields(refused):
    return set(refused.value.error_dict)


def test_a_framework_is_let_with_its_options_and_participants(framework, southwark, as_authority):
    with as_authority(southwark):
        assert [e.months for e in framework.extensions.order_by("position")] == [12, 6]
        names = framework.participations.values_list("authority__name", "starts_on", "ends_before")
        assert set(names) == {("Southwark", STARTS, None), ("Lewisham", STARTS, None)}
        assert Framework.objects.get().runs_until == ENDS


@pytest.mark.parametrize("named", [(), ("lewisham",), ("southwark", "lewisham")])
def test_its_lead_takes_part_from_the_first_day_named_or_not(reference, southwark, as_authority, named):
    with as_authority(southwark):
        let = let_framework(
            by=BY, lead_authority=southwark, name="Homes", reference="SEL-2", kind="dynamic_market", starts_on=STARTS,
            participants=[reference[slug] for slug in named],
        )  # fmt: skip
        part = list(let.participations.values_list("authority__slug", "starts_on", "ends_before"))
        assert sorted(part) == [(slug, STARTS, None) for slug in sorted({"southwark", *named})]


def test_its_lead_does_not_leave(framework, southwark, as_authority):
    with as_authority(southwark):
        part = framework.participations.get(authority=southwark)
        says = "Southwark leads this framework: its lead takes part as long as it runs."
        with pytest.raises(ValidationError, match=says) as refused:
            leave_framework(participation=part, ends_before=date(2027, 1, 1), version=part.version, by=BY)
        assert fields(refused) == {"ends_before"}
        assert framework.participations.get(authority=southwark).ends_before is None


def test_before_recording_the_lead_is_said_to_take_part(southwark):
    """Nobody ticked: the lead all the same."""
    answers = {
        "name": "Homes", "reference": "SEL-2", "kind": "framework", "note": "", "starts_on": STARTS,
        "ends_before": ENDS, "extension_months": [], "participants": [],
    }  # fmt: skip
    with acting_as(Viewer.of_authority(southwark.pk), by=BY):
        label, value, _ = _summary(answers, southwark)[-1]
    assert (label, value) == ("Take part from the first day", "Southwark")


def test_a_reference_is_used_once(framework, southwark, as_authority):
    with as_authority(southwark), pytest.raises(ValidationError) as refused:
        let_framework(
            by=BY, lead_authority=southwark, name="X", reference="SEL-1", kind="dynamic_market", starts_on=STARTS
        )
    assert fields(refused) == {"reference"}


@pytest.mark.parametrize(
    ("kind", "ends_before", "months", "wrong"),
    [
        ("framework", None, [], {"ends_before"}),
        ("dynamic_market", None, [], set()),
        ("dynamic_market", None, [12], {"extension_months"}),
        ("framework", STARTS, [], {"ends_before"}),
        ("framework", date(2026, 4, 2), [], set()),
        ("framework", ENDS, [0], {"extension_months"}),
        ("framework", ENDS, [121], {"extension_months"}),
        ("framework", ENDS, [1, 120], set()),
    ],
)
def test_what_is_wrong_with_a_term(kind, ends_before, months, wrong):
    assert set(check_term(kind, STARTS, ends_before, months)) == wrong


@pytest.mark.parametrize(
    ("ends_before", "says"),
    [
        (None, ""),
        (date(2027, 4, 21), ""),
        (date(2027, 4, 20), "Ends within 12 months"),
        (date(2026, 10, 20), "Ends within 6 months"),
        (date(2026, 7, 20), "Ends within 3 months"),
        (TODAY, "Ended"),
    ],
)
def test_notice_is_given_at_12_6_and_3_months(ends_before, says):
    assert notice(ends_before, TODAY) == says


def test_last_day_is_the_day_before():
    assert last_day(date(2029, 3, 1)) == date(2029, 2, 28)


def test_only_the_lead_authority_changes(framework, lot, lewisham, as_authority):
    with as_authority(lewisham):
        for change in (
            lambda: change_framework(framework=framework, version=1, by=BY, **WHAT),
            lambda: change_term(
                framework=framework, version=1, by=BY, starts_on=STARTS, ends_before=ENDS, extension_months=[]
            ),
            lambda: add_lot(
                framework=framework, by=BY, number="2", name="X", service_type="family", call_off_method="all"
            ),
            lambda: set_price_lines(lot=lot, lines=[LINE], known={}, by=BY),
            lambda: join_framework(framework=framework, authority=lewisham, starts_on=STARTS, by=BY),
            lambda: record_event(framework=framework, kind="award", happens_on=STARTS, by=BY),
        ):
            with pytest.raises(PermissionDenied):
                change()


def test_the_second_of_two_is_refused_and_shown_what_is_stored(framework, southwark, as_authority):
    with as_authority(southwark):
        read = Framework.objects.get()
        first, second = WHAT | {"name": "First"}, WHAT | {"name": "Second"}
        change_framework(framework=Framework.objects.get(), version=read.version, by=BY, **first)
        with pytest.raises(ChangedMeanwhile) as refused:
            change_framework(framework=Framework.objects.get(), version=read.version, by=BY, **second)
        assert refused.value.now.name == "First"
        assert Framework.objects.get().name == "First"
        change_framework(framework=Framework.objects.get(), version=refused.value.now.version, by=BY, **second)
        assert Framework.objects.get().name == "Second"


def test_saving_what_is_there_changes_nothing(framework, southwark, as_authority):
    with as_authority(southwark):
        change_framework(framework=Framework.objects.get(), version=1, by=BY, **WHAT)
        assert Framework.objects.get().version == 1


def test_a_new_first_day_takes_those_along_who_began_on_the_old_one(framework, southwark, greenwich, as_authority):
    with as_authority(southwark):
        join_framework(framework=framework, authority=greenwich, starts_on=date(2026, 9, 1), by=BY)
        new = date(2026, 5, 1)
        change_term(framework=framework, version=1, by=BY, starts_on=new, ends_before=ENDS, extension_months=[24])
        starts = dict(framework.participations.values_list("authority__slug", "starts_on"))
        assert starts == {"southwark": new, "lewisham": new, "greenwich": date(2026, 9, 1)}
        assert list(framework.extensions.values_list("position", "months")) == [(1, 24)]


def test_extensions_are_taken_in_order_and_stay(framework, southwark, as_authority):
    with as_authority(southwark):
        first, second = framework.extensions.select_related("framework").order_by("position")
        for extension, day, says in (
            (second, TODAY, "earlier extension first"),
            (first, date(2026, 4, 21), "today or an earlier day"),
            (first, date(2026, 3, 31), "began on 1 April 2026"),
        ):
            with pytest.raises(ValidationError, match=says):
                take_extension(extension=extension, taken_on=day, today=TODAY, by=BY)
        take_extension(extension=first, taken_on=TODAY, today=TODAY, by=BY)
        with pytest.raises(ValidationError, match="was taken on 20 April 2026"):
            take_extension(extension=first, taken_on=TODAY, today=TODAY, by=BY)
        assert Framework.objects.get().runs_until == date(2030, 4, 1)
        with pytest.raises(ValidationError, match="begin with 12"):
            change_term(
                framework=framework, version=1, by=BY, starts_on=STARTS, ends_before=ENDS, extension_months=[6, 6]
            )
        late = date(2031, 1, 1)
        with pytest.raises(ValidationError, match="ended on 31 March 2030"):
            take_extension(extension=framework.extensions.get(position=2), taken_on=late, today=late, by=BY)


def test_joining_and_leaving_by_date(framework, southwark, lewisham, greenwich, as_authority):
    with as_authority(southwark):
        for authority, starts_on, ends_before, wrong in (
            (lewisham, STARTS, None, {"authority"}),
            (greenwich, date(2026, 3, 31), None, {"starts_on"}),
            (greenwich, ENDS, None, {"starts_on"}),
            (greenwich, date(2026, 9, 1), date(2026, 9, 1), {"ends_before"}),
            (greenwich, date(2011, 1, 1), None, {"authority", "starts_on"}),
        ):
            with pytest.raises(ValidationError) as refused:
                join_framework(
                    framework=framework, authority=authority, starts_on=starts_on, ends_before=ends_before, by=BY
                )
            assert fields(refused) == wrong
        part = framework.participations.get(authority=lewisham)
        left = date(2026, 10, 1)
        with pytest.raises(ValidationError):
            leave_framework(participation=part, ends_before=STARTS, version=part.version, by=BY)
        leave_framework(participation=part, ends_before=left, version=part.version, by=BY)
        with pytest.raises(ChangedMeanwhile):
            leave_framework(participation=part, ends_before=date(2027, 1, 1), version=1, by=BY)
        join_framework(framework=framework, authority=lewisham, starts_on=left, by=BY)
        check = Participation.objects.get(pk=part.pk)
        with pytest.raises(ValidationError, match="again from 1 October 2026"):
            leave_framework(participation=check, ends_before=date(2026, 11, 1), version=check.version, by=BY)
        assert framework.participations.filter(authority=lewisham).count() == 2


def test_lot_numbers_are_used_once(framework, lot, southwark, as_authority):
    answers = {"name": "X", "service_type": "family", "call_off_method": "all", "specification": ""}
    with as_authority(southwark):
        with pytest.raises(ValidationError, match="Lot 1: General has this number"):
            add_lot(framework=framework, by=BY, number="1", **answers)
        change_lot(lot=lot, version=1, by=BY, number="1", **answers)
        with pytest.raises(ChangedMeanwhile):
            change_lot(lot=lot, version=1, by=BY, number="1", **answers | {"name": "Y"})


def test_a_schedule_is_set_as_a_whole(lot, southwark, as_authority):
    with as_authority(southwark):
        first, second = set_price_lines(
            lot=lot, lines=[LINE, LINE | {"position": 2, "code": "core-11", "name": "Core 11 to 15"}], known={}, by=BY
        )
        known = {first.uuid: 1, second.uuid: 1}
        exchanged = [
            LINE | {"uuid": first.uuid, "code": "core-11"},
            LINE | {"uuid": second.uuid, "code": "core-5", "position": 2, "name": "Core 11 to 15"},
        ]
        set_price_lines(lot=lot, lines=exchanged, known=known, by=BY)
        assert list(lot.price_lines.order_by("position").values_list("pk", "code")) == [
            (first.pk, "core-11"), (second.pk, "core-5"),
        ]  # fmt: skip
        with pytest.raises(ChangedMeanwhile):
            set_price_lines(lot=lot, lines=[], known=known, by=BY)
        known = {line.uuid: line.version for line in PriceLine.objects.all()}
        with pytest.raises(ValidationError, match="Two lines have the code core-5"):
            set_price_lines(lot=lot, lines=[LINE, LINE], known=known, by=BY)
        set_price_lines(lot=lot, lines=exchanged[1:], known=known, by=BY)
        assert list(lot.price_lines.values_list("pk", flat=True)) == [second.pk]


def test_a_line_with_rates_stays_even_where_the_lead_cannot_see_them(lot, southwark, as_authority):
    """Southwark takes part, then no longer does: its view of the rates goes, the database's key does not."""
    with as_authority(southwark):
        (line,) = set_price_lines(lot=lot, lines=[LINE], known={}, by=BY)
        provider = Provider.objects.create(name="Alder", folded_name="alder")
        part = {"framework": lot.framework, "lot": lot, "provider": provider}
        award = Award.objects.create(**part, starts_on=STARTS)
        Rate.objects.create(**part, award=award, price_line=line, amount=Decimal(700), starts_on=STARTS)
        with pytest.raises(ValidationError, match="Core 5 to 10 has rates recorded"):
            set_price_lines(lot=lot, lines=[], known={line.uuid: 1}, by=BY)
        Participation.objects.filter(authority=southwark).delete()
    with as_authority(southwark):
        assert not Rate.objects.exists()
        with pytest.raises(ValidationError, match="Core 5 to 10 has rates recorded"):
            set_price_lines(lot=lot, lines=[], known={line.uuid: 1}, by=BY)
        assert PriceLine.objects.count() == 1
