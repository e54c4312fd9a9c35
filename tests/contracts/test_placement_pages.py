"""Placements as officers meet them: the list, one recorded by its form, its page, changed by two people, ended."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Extension
from contracts.actions.placements import end_placement
from contracts.filters import PlacementSearch
from contracts.measures.placement_rows import years_before
from contracts.models import Child, CostLine, FundingSplit, Offer, PathwayPlace, Placement, Referral
from contracts.pages.placement_words import state_on, terms_of_frameworks
from contracts.rules.ages import BANDS
from providers.models import Award, Establishment, Provider
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def own(cast):
    """A context in which Southwark acts."""
    return lambda authority=None: acting_as(Viewer.of_authority((authority or cast.authority).pk), by=BY)


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def award_of(cast, number=1) -> Award:
    return Award.objects.get(
        framework=cast.world.shared, provider=cast.world.providers[f"Invented Provider {number} Ltd"]
    )


def day(name: str, value: date) -> dict[str, str]:
    """A date as the form's three fields."""
    return {f"{name}_0": str(value.day), f"{name}_1": str(value.month), f"{name}_2": str(value.year)}


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


# The list


@pytest.fixture
def three(cast, own):
    """One by a lot, one spot and one in-house, all open; one spot that is over."""
    with own():
        by_lot = framework_placement(child_of(cast.authority, "C-100"), award_of(cast), level="standard")
        weekly(by_lot, "712.40")
        spot = spot_placement(child_of(cast.authority, "C-200", date(2009, 5, 17)), reference="P/77", boundary="out")
        weekly(spot, "4200.00")
        weekly(
            spot, "25.00", unit="hour", quantity=Decimal(10), category="additional", service="staffing",
            approved_by="Head of service", approved_on=date(2025, 6, 2), ends_before=date(2026, 12, 1),
            review_on=date(2026, 3, 1),
        )  # fmt: skip
        over = spot_placement(child_of(cast.authority, "C-300"), ends_before=date(2025, 9, 1), spot_reason="siblings")
        weekly(over, "3100.00")
        return by_lot, spot, over


def test_the_list_answers_in_its_first_line(officer, three):
    says = text(officer.get("/placements/"))
    assert "2 placements are open today: 50% bought through frameworks, 50% spot." in says
    assert "all 3 placements" in says
    assert "4,450.00" in says  # what runs today, additional services too
    assert "3,100.00" in says  # of its last night


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("now=open", {1, 2}),
        ("now=ended", {3}),
        ("now=coming", set()),
        ("service=residential", {2, 3}),
        ("route=spot", {2, 3}),
        ("route=spot&reason=siblings", {3}),
        ("registration=registered", {1, 2, 3}),
        ("level=standard", {1}),
        ("level=none", {2, 3}),
        ("age=11-15", {1, 3}),
        ("age=16-17", {2}),
        ("boundary=out", {2}),
        ("boundary=none", {1, 3}),
        ("extras=yes", {2}),
        ("extras=no", {1, 3}),
        ("month=2025-08", {1, 2, 3}),
        ("month=2025-09", {1, 2}),
        ("month=2025-05", {1, 2, 3}),  # before the first placement there is no such month to ask for
        ("month=2026-03&route=spot&service=residential&lot=&provider=&level=&state=", {2}),
        ("state=in_force", {1}),
        ("state=framework_ended", set()),
        ("month=2027-03&state=in_force", {1}),
        ("month=2027-04&state=in_force", set()),
        ("month=2027-04&state=framework_ended", {1}),
        ("child=2", {2}),
        ("route=nonsense&age=100", {1, 2, 3}),
    ],
)
def test_each_filter_finds_its_rows(officer, three, asked, found):
    rows = rows_of(officer.get(f"/placements/?{asked}&format=csv"))
    assert {int(row["placement"].removeprefix("Placement ")) for row in rows} == found


def test_a_lot_and_a_provider_are_asked_by_their_ids(cast, officer, three):
    lot, provider = three[0].lot, three[0].provider
    for asked in (f"lot={lot.uuid}", f"provider={provider.uuid}"):
        assert [row["placement"] for row in rows_of(officer.get(f"/placements/?{asked}&format=csv"))] == ["Placement 1"]
    assert len(rows_of(officer.get(f"/placements/?lot={uuid4()}&format=csv"))) == 3, "no choice counts as not asked"


def test_a_file_holds_exactly_what_is_shown_and_no_birth(officer, three):
    rows = rows_of(officer.get("/placements/?format=csv&sort=-weekly"))
    assert [row["weekly"] for row in rows] == ["4450.00", "3100.00", "712.40"]
    assert [row["age"] for row in rows] == ["16", "13", "13"]
    book = load_workbook(io.BytesIO(officer.get("/placements/?format=xlsx&route=spot").getvalue()))
    cells = [str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line]
    assert "Bought by: Spot" in " ".join(cells)
    assert not [cell for cell in cells if re.search(r"2012|2009", cell)]


def test_a_child_is_found_by_reference_number_or_placement(officer, three):
    by_lot, spot, _ = three
    for typed, leads in (
        ("c-100", "/placements/?child=1"),
        ("C 100", None),
        ("Child 2", "/placements/?child=2"),
        ("2", "/placements/?child=2"),
        ("p/77", f"/placements/{spot.uuid}/"),
        ("Placement 1", f"/placements/{by_lot.uuid}/"),
    ):
        answer = officer.post("/placements/", {"search": typed})
        if leads is None:
            assert answer.status_code == 200
            assert "No child and no placement of yours" in text(answer)
            assert f'value="{typed}"' in answer.content.decode()
        else:
            assert answer["Location"] == leads


def test_another_authority_finds_and_sees_nothing(cast, three):
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert "No placements yet" in text(stranger.get("/placements/"))
    assert stranger.post("/placements/", {"search": "C-100"}).status_code == 200
    for name in ("placement", "placement-change", "placement-end", "placement-history"):
        assert stranger.get(reverse(name, args=[three[0].uuid])).status_code == 404


def test_the_empty_list_says_what_to_do(cast, officer):
    assert "Record the first placement" in text(officer.get("/placements/"))
    assert "A placements officer records them" in text(signed_in(cast.person("analyst")).get("/placements/"))


def test_the_list_asks_the_database_as_often_for_many_rows(cast, own, officer, django_assert_max_num_queries):
    with own():
        children = [
            Child(authority=cast.authority, number=number, born_on=date(2012, 1, 1)) for number in range(1, 121)
        ]
        Child.objects.bulk_create(children)
        award = award_of(cast)
        Placement.objects.bulk_create(
            Placement(
                authority=cast.authority, number=child.number, child=child, service_type="fostering", route="framework",
                award=award, lot=award.lot, provider=award.provider, starts_on=date(2025, 1, child.number % 28 + 1),
                called_off_on=date(2025, 1, 1),
            )
            for child in children
        )  # fmt: skip
    officer.get("/placements/")
    with django_assert_max_num_queries(26):
        answer = officer.get("/placements/?route=framework&page=3")
    assert "101 to 120 of 120 placements" in text(answer)


def test_later_states_in_the_database_are_those_of_the_rule(cast, own):
    """Every night of four years, for places that ended before, in and after the extension."""
    framework = cast.world.shared
    with own():
        framework.ends_before = date(2026, 4, 1)
        framework.save(update_fields=["ends_before"])
        Extension.objects.create(framework=framework, position=1, months=12, taken_on=date(2026, 1, 5))
        ends = (None, date(2025, 9, 1), date(2026, 8, 1))
        for number, end in enumerate(ends, 1):
            award = award_of(cast, number)
            Award.objects.filter(pk=award.pk).update(ends_before=end)
            framework_placement(child_of(cast.authority), award_of(cast, number), starts_on=date(2025, 6, 2))
        framework_placement(
            child_of(cast.authority), award_of(cast, 1), starts_on=date(2026, 3, 1), ends_before=date(2026, 5, 1)
        )
        terms = terms_of_frameworks()
        rows = list(Placement.objects.select_related("award"))
        for day_ in (date(2025, 6, 2) + timedelta(days=13 * step) for step in range(70)):
            for state in ("in_force", "extension", "provider_left", "framework_ended"):
                found = set(PlacementSearch({"state": state}, Placement.objects.all(), today=day_).qs)
                said = {
                    row for row in rows
                    if state_on(row, max(row.starts_on, min(day_, (row.ends_before or date.max) - timedelta(days=1))),
                                terms) == state
                }  # fmt: skip
                assert found == said, (day_, state)


def test_ages_in_the_database_are_those_of_the_rule(cast, own):
    births = [date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2015, 12, 31), date(2021, 4, 20)]
    with own():
        for number, born in enumerate(births, 1):
            spot_placement(child_of(cast.authority, born_on=born))
            recorded = child_of(
                cast.authority, born_on=None, age_recorded=number * 3, age_recorded_on=date(2024, 2, 29)
            )
            spot_placement(recorded)
        rows = list(Placement.objects.select_related("child"))
        for day_ in (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29), TODAY):
            for low, high in BANDS:
                search = PlacementSearch({"age": f"{low}-{high}"}, Placement.objects.all(), today=day_)
                said = {row for row in rows if low <= row.child.age_on(day_) <= high}
                assert set(search.qs) == said, (day_, low)
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)


# Recording


def asked_for(**more) -> dict[str, str]:
    return {
        "child": "C-900", "service_type": "residential", "level": "", "registration": "registered",
        **day("starts_on", date(2026, 4, 13)), "solo": "", "reference": "", "weekly": "", **more,
    }  # fmt: skip


def test_a_spot_placement_with_its_price_and_who_pays(cast, own, officer):
    assert officer.post("/placements/new/", {"how": "spot"})["Location"].endswith("?how=spot")
    given = asked_for(
        provider="Invented Provider 2 Ltd", spot_reason="court_order", weekly="£4,200.50", from_health="1200.50",
        **day("born_on", date(2012, 5, 17)),
    )  # fmt: skip
    answer = officer.post("/placements/new/?how=spot", given, follow=True)
    says = text(answer)
    assert "Placement 1 of Child 1 is recorded. The child is new" in says
    assert (
        "Child 1, 13 years old, has lived with Invented Provider 2 Ltd since 13 April 2026: bought spot, £4,200.50"
        in says
    )
    assert "Social care £3,000.00, Health £1,200.50" in says
    assert "No agreement is made" in says
    assert "17 May 2012" not in says
    with own():
        assert FundingSplit.objects.count() == 2
        assert CostLine.objects.get().weekly_amount == Decimal("4200.50")


def test_a_place_on_a_lot_is_bought_by_framework(cast, own, officer):
    with own():
        award, child = award_of(cast), child_of(cast.authority, "C-5")
    page = officer.get("/placements/new/?how=lot").content.decode()
    assert str(award.uuid) in page
    assert "Semi-independent framework" not in page, "Southwark takes no part in it"
    given = asked_for(child="Child 1", award=str(award.uuid), service_type="fostering")
    officer.post("/placements/new/?how=lot", given)
    with own():
        made = Placement.objects.get()
        assert (made.route, made.child, made.lot, made.award) == ("framework", child, award.lot, award)


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"service_type": "residential"}, "award", "the lot is let for another service"),
        (day("starts_on", date(2024, 3, 1)), "award", "the framework was not running that day"),
        ({"child": "Child 99"}, "child", "No child of yours is Child 99"),
        (day("called_off_on", date(2026, 5, 1)), "called_off_on", "after today"),
        (day("ends_before", date(2026, 4, 13)), "ends_before", "ends before it starts"),
        (day("planned_end_on", date(2026, 4, 1)), "planned_end_on", "after the first night"),
        (day("born_on", date(2026, 4, 21)), "born_on", "in the future"),
        ({"weekly": "12,5a"}, "weekly", "Enter an amount in pounds"),
        ({"weekly": "100", "from_health": "60", "from_education": "50"}, "weekly", "more than the price"),
        ({"weekly": "", "from_health": "60"}, "weekly", "others pay a part of it"),
        ({"child": "C-5"}, "starts_on", "still open"),
        ({"child": "C-5", **day("born_on", date(2012, 5, 17))}, "born_on", "known already"),
        ({"reference": "P/77"}, "reference", "has that reference already"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_written(cast, own, officer, more, field, says):
    with own():
        award = award_of(cast)
        spot_placement(child_of(cast.authority, "C-5"), reference="P/77")
    given = asked_for(award=str(award.uuid), service_type="fostering", weekly="700") | more
    answer = officer.post("/placements/new/?how=lot", given)
    assert answer.status_code == 200
    assert says in " ".join(answer.context["form"].errors[field])
    assert f'value="{given["child"]}"' in answer.content.decode(), "what was typed is kept"
    with own():
        assert (Child.objects.count(), Placement.objects.count(), CostLine.objects.count()) == (1, 1, 0)


def test_a_provider_that_nobody_recorded(cast, own, officer):
    given = asked_for(provider="Invented Provider Too", spot_reason="specialist")
    answer = officer.post("/placements/new/?how=spot", given)
    assert "Nearest: Invented Provider" in text(answer)
    officer.post("/placements/new/?how=spot", given | {"keep_name": "on"})
    with own():
        assert Placement.objects.get().provider_name == "Invented Provider Too"


def test_an_own_pathway_place(cast, own, officer):
    with own():
        flat = PathwayPlace.objects.create(authority=cast.authority, name="Flat 2", starts_on=date(2024, 1, 1))
    officer.post("/placements/new/?how=in_house", asked_for(service_type="supported", pathway_place=str(flat.uuid)))
    with own():
        made = Placement.objects.get()
        assert (made.route, made.pathway_place) == ("in_house", flat)
    assert "has lived with Flat 2" in text(officer.get(f"/placements/{made.uuid}/"))


def test_a_chosen_offer_fills_the_form(cast, own, officer, settings):
    with own():
        award = award_of(cast)
        referral = Referral.objects.create(
            authority=cast.authority, number=1, child=child_of(cast.authority), opened_at=cast.now, urgency="planned",
            needed_by=date(2026, 4, 14), in_house_tried="yes", service_type="fostering", level="standard",
        )  # fmt: skip
        Offer.objects.create(
            authority=cast.authority, referral=referral, provider=award.provider, lot=award.lot, chosen=True,
            service_type="fostering", urgency="planned", needed_by=date(2026, 4, 14), asked_at=cast.now,
            answered_at=cast.now, answer="offered", weekly_amount=Decimal("712.40"),
        )  # fmt: skip
    address = f"/placements/new/?referral={referral.uuid}"
    initial = officer.get(address).context["form"].initial
    assert initial["award"] == str(award.uuid)
    assert (initial["weekly"], initial["starts_on"], initial["level"]) == ("712.40", date(2026, 4, 14), "standard")
    given = asked_for(award=initial["award"], service_type="fostering", weekly="712.40")
    del given["child"]
    officer.post(address, given)
    with own():
        made = Placement.objects.get()
        assert (made.referral, made.child, made.route) == (referral, referral.child, "framework")
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert stranger.get(address).status_code == 404


def test_who_reads_may_not_record(cast):
    assert signed_in(cast.person("finance_officer")).get("/placements/new/").status_code == 403


# Changing and ending


def test_two_people_change_one_placement(cast, own, officer):
    with own():
        home = spot_placement(child_of(cast.authority))
    address = reverse("placement-change", args=[home.uuid])
    form = {"level": "enhanced", "solo": "True", "registration": "registered", "reference": "", "version": "1"}
    assert officer.post(address, form)["Location"] == f"/placements/{home.uuid}/"
    second = officer.post(address, form | {"level": "specialist", "solo": ""})
    assert "Somebody else changed this while you were typing" in text(second)
    assert "Stored now: Enhanced You typed: Specialist" in text(second)
    with own():
        assert Placement.objects.get().level == "enhanced"
    version = second.context["form"].data["version"]
    officer.post(address, form | {"level": "specialist", "version": version, "reason": "Seen at the review"})
    with own():
        assert Placement.objects.get().level == "specialist"
    assert "Level changed from Enhanced to Specialist" in text(officer.get(f"/placements/{home.uuid}/"))
    assert "Why: Seen at the review" in text(officer.get(f"/placements/{home.uuid}/"))


def test_the_home_is_one_of_the_providers(cast, own, officer):
    provider = cast.world.providers["Invented Provider 1 Ltd"]
    with acting_as(Viewer.of_service("tests"), by=BY):
        theirs = Establishment.objects.create(urn="SC1", kind="childrens_home", name="Elm House", provider=provider)
        other = Establishment.objects.create(urn="SC2", kind="childrens_home", name="Oak House", provider=cast.provider)
    with own():
        home = spot_placement(child_of(cast.authority), provider=Provider.objects.get(pk=provider.pk))
    address = reverse("placement-change", args=[home.uuid])
    form = {"level": "", "solo": "", "registration": "registered", "reference": "", "version": "1"}
    assert officer.post(address, form | {"establishment": str(other.uuid)}).status_code == 200
    assert officer.post(address, form | {"establishment": str(theirs.uuid)}).status_code == 302
    assert "Elm House" in text(officer.get(f"/placements/{home.uuid}/"))


END = {
    "end_reason": "CREQB", "ended_by": "provider", "ended_as_planned": "False", "destination": "another_home",
    "version": "1",
}  # fmt: skip


def test_ending_shows_what_ends_and_ends_it(cast, own, officer):
    with own():
        home = spot_placement(child_of(cast.authority))
        weekly(home, "4200.00")
    address = reverse("placement-end", args=[home.uuid])
    assert "with it 1 cost line, £4,200.00 a week" in text(officer.get(address))
    late = officer.post(address, END | day("ends_before", date(2026, 4, 21)))
    assert "That day has not come" in " ".join(late.context["form"].errors["ends_before"])
    says = text(officer.post(address, END | day("ends_before", date(2026, 4, 13)), follow=True))
    assert "lived with a home whose provider is not recorded from 2 June 2025 until 13 April 2026" in says
    assert "Carer asked for it to end: behaviour" in says
    with own():
        assert CostLine.objects.get().ends_before == date(2026, 4, 13)
        version = Placement.objects.get().version
    told = officer.post(address, END | {"end_reason": "CLOSE", "version": str(version)}, follow=True)
    assert "The carer resigned or the home closed" in text(told)


def test_the_second_to_end_it_is_told(cast, own, officer):
    with own():
        home = spot_placement(child_of(cast.authority))
        Placement.objects.filter(pk=home.pk).update(level="enhanced")
    answer = officer.post(reverse("placement-end", args=[home.uuid]), END | day("ends_before", date(2026, 4, 13)))
    assert "Somebody else changed this" in text(answer)
    with own():
        assert Placement.objects.get().ends_before is None


def test_the_page_says_what_is_due(cast, own, officer):
    with own():
        home = spot_placement(
            child_of(cast.authority), registration="unregistered", boundary="out", planned_end_on=date(2026, 4, 1)
        )
    says = text(officer.get(f"/placements/{home.uuid}/"))
    for words in (
        "nobody is recorded as watching over it", "Outside the authority, without an approval",
        "No price and no agreement are recorded", "The planned end, 1 April 2026, has passed",
    ):  # fmt: skip
        assert words in says
    with own():
        end_placement(
            placement=home, ends_before=date(2026, 4, 2), end_reason="CARPL", ended_by="plan", ended_as_planned=True,
            destination="family", by=BY, today=TODAY,
        )  # fmt: skip
    assert "Needs you" not in text(officer.get(f"/placements/{home.uuid}/"))


def test_the_page_of_one_placement_asks_no_more_for_more_lines(cast, own, officer, django_assert_max_num_queries):
    with own():
        home = framework_placement(child_of(cast.authority), award_of(cast))
        for _ in range(12):
            weekly(home, "10.00")
    with django_assert_max_num_queries(36):
        assert officer.get(f"/placements/{home.uuid}/").status_code == 200


def test_a_providers_page_shows_our_own_placements_there(cast, own, officer):
    provider = cast.world.providers["Invented Provider 1 Ltd"]
    with own():
        weekly(framework_placement(child_of(cast.authority), award_of(cast)), "712.40")
    with own(cast.other):
        framework_placement(child_of(cast.other), award_of(cast))
    address = reverse("provider-placements", args=[provider.uuid])
    says = text(officer.get(address))
    assert "Southwark has 1 open placement with it, £712.40 a week together." in says
    assert "Our placements" in text(officer.get(f"/providers/{provider.uuid}/"))
    assert signed_in(cast.person("steering_member")).get(address).status_code == 403
