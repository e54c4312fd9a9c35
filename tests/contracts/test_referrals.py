"""The referral log as officers meet it: opened by one form, answered, chosen or closed, by one person or two."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.forms_referrals import ReferralForm
from contracts.models import Child, Offer, Referral
from contracts.pages.referral_words import lots_to_ask
from contracts.rules.searches import in_time, lasted, needed_in_words
from providers.models import Award
from tests.contracts.bought import BY, child_of, spot_placement
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
SECRET = "She wants to stay near her grandmother in Peckham"
NEW = "/referrals/new/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def pass_time(cast, clock, officer):
    """Moves the clock, and signs the officer in again: a session does not last so long."""

    def move(**length):
        clock.move_to(NOON + timedelta(**length))
        officer.cookies.clear()
        officer.force_login(cast.person("placements_officer"))

    return move


@pytest.fixture
def own(cast):
    return lambda authority=None: acting_as(Viewer.of_authority((authority or cast.authority).pk), by=BY)


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def day(name: str, value: date) -> dict[str, str]:
    return {f"{name}_0": str(value.day), f"{name}_1": str(value.month), f"{name}_2": str(value.year)}


def typed(cast, **more) -> dict:
    """What an officer types for a search that is needed tomorrow, everybody on the shared framework's lot asked."""
    wanted = more.pop("needed_by", date(2026, 4, 21))
    return {
        "child": "LCS-1", **day("needed_by", wanted), "urgency": "planned", "in_house_tried": "yes",
        "service_type": "fostering", "lots": [str(cast.world.lot(cast.world.shared).uuid)],
    } | more  # fmt: skip


@pytest.fixture
def search(cast, own, officer) -> Referral:
    """Three providers asked on the lot, Alder by name."""
    officer.post(NEW, typed(cast, providers="Alder Fostering"))
    with own():
        return Referral.objects.select_related("child").get()


def offer_of(search: Referral, name: str = "Invented Provider 1 Ltd") -> Offer:
    return Offer.objects.get(referral=search, provider__name=name)


def at(name: str, search: Referral, **more) -> str:
    return reverse(name, args=[search.uuid, *more.values()])


def answered(officer, own, search, name="Invented Provider 1 Ltd", **said):
    """Records an answer by its form, as it was read now."""
    with own():
        offer = offer_of(search, name)
    given = {"answer": "offered", "weekly_amount": "812.40", "suitable": "True", "version": str(offer.version)}
    given |= day("answered_on", date(2026, 4, 20)) | {"answered_time": "12:00"} | said
    return officer.post(at("referral-answer", search, offer=offer.uuid), given)


# Opening


def test_one_form_opens_a_search_and_asks_everybody_on_the_lot(cast, own, officer):
    answer = officer.post(NEW, typed(cast, providers="Alder Fostering\n\nbirch fostering", siblings="2"), follow=True)
    said = text(answer)
    assert "Referral 1 for Child 1 is open. 5 providers are recorded as asked. The child is new" in said
    assert "A home is needed tomorrow: by 21 April 2026. 5 providers were asked: 5 have not answered." in said
    with own():
        found = Referral.objects.get()
        offers = list(Offer.objects.filter(referral=found).select_related("provider"))
    assert (found.opened_at, found.siblings, found.outcome) == (NOON, 2, "")
    assert {(offer.provider.name, bool(offer.lot_id)) for offer in offers} == {
        *((f"Invented Provider {n} Ltd", True) for n in (1, 2, 3)), ("Alder Fostering", False),
        ("Birch Fostering", False),
    }  # fmt: skip
    assert {(o.asked_at, o.service_type, o.needed_by) for o in offers} == {(NOON, "fostering", date(2026, 4, 21))}


# The keystroke-level model of Card, Moran and Newell (1983), an average person who is no typist.
KEY, THINK = Decimal("0.28"), Decimal("1.35")  # seconds for a key, and for making up one's mind


def test_a_search_takes_under_ninety_seconds(cast, own, officer):
    """Eight questions need an answer: child, day, urgency, in-house, kind of home and a lot, the day in three parts.
    Counted: every key pressed, every field passed over on the way, and a thought for each answer."""
    page = officer.get(NEW).content.decode()
    controls = re.findall(r'<(?:input|select|textarea)[^>]*\bname="([a-z_0-9]+)"', page)
    stops = [name for name in dict.fromkeys(controls) if name not in ("csrfmiddlewaretoken", "search")]
    needed = typed(cast)
    assert [name for name in stops if name in needed] == [
        "child", "needed_by_0", "needed_by_1", "needed_by_2", "urgency", "in_house_tried", "service_type", "lots",
    ]  # fmt: skip
    last = max(stops.index(name) for name in needed)
    assert last == 7, "what may be left empty comes after what is needed"
    keys = sum(len(value) for name, value in needed.items() if name.startswith(("child", "needed_by")))
    keys += 4 * 2  # arrow or letter, and space, for each that is chosen
    keys += len(stops) + 1  # a tab for every field down to the button, and Enter
    seconds = keys * KEY + len(needed) * THINK
    assert keys < 60
    assert seconds < 45, f"{keys} keys, {seconds} seconds: half of the ninety is left for reading"
    assert officer.post(NEW, needed).status_code == 302


def test_a_known_child_is_found_and_an_unknown_one_added_with_birth_and_sex(cast, own, officer):
    with own():
        child_of(cast.authority, "LCS-1")
    officer.post(NEW, typed(cast, child="lcs-1"))
    officer.post(NEW, typed(cast, child="Child 1"))
    officer.post(NEW, typed(cast, child="LCS-2", sex="F", **day("born_on", date(2013, 7, 9))))
    with own():
        assert [(r.number, r.child.number) for r in Referral.objects.order_by("number")] == [(1, 1), (2, 1), (3, 2)]
        assert (Child.objects.get(number=2).sex, Child.objects.get(number=2).born_on) == ("F", date(2013, 7, 9))
    assert "Child 1 is known already" in text(officer.post(NEW, typed(cast, sex="F")))
    assert "No child of yours is Child 9" in text(officer.post(NEW, typed(cast, child="child 9")))
    future = officer.post(NEW, typed(cast, child="LCS-3", **day("born_on", date(2026, 4, 21))))
    assert "The date of birth is in the future" in text(future)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"needed_by": date(2026, 4, 19)}, "That day is past"),
        ({"service_type": "residential"}, "“General” is not for children&#x27;s home"),
        ({"providers": "Aldr Fostering"}, "No provider is recorded as “Aldr Fostering”. Nearest: Alder Fostering"),
        ({"urgency": ""}, "Choose planned or emergency"),
        ({"siblings": "many"}, "Enter a number, such as 2"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(cast, own, officer, given, says):
    assert says in text(officer.post(NEW, typed(cast, **given)))
    with own():
        assert not Referral.objects.exists()
        assert not Child.objects.exists()
        assert not Offer.objects.exists()


def test_the_first_tier_alone_can_be_asked_and_a_place_that_ended_is_not(cast, own, officer):
    with own():
        places = Award.objects.filter(framework=cast.world.shared)
        second = places.get(provider__name="Invented Provider 2 Ltd")
        Award.objects.filter(pk=second.pk).update(tier=2)
        gone = places.get(provider__name="Invented Provider 3 Ltd")
        Award.objects.filter(pk=gone.pk).update(ends_before=date(2026, 4, 20))
    officer.post(NEW, typed(cast, first_tier="on"))
    officer.post(NEW, typed(cast))
    with own():
        asked = [set(r.offers.values_list("provider__name", flat=True)) for r in Referral.objects.order_by("number")]
    assert asked[0] == {"Invented Provider 1 Ltd"}
    assert asked[1] == {"Invented Provider 1 Ltd", "Invented Provider 2 Ltd"}


def test_only_lots_that_the_authority_may_call_off_are_offered(cast, own):
    with own():
        assert [lot.framework.reference for lot in lots_to_ask(cast.authority.pk, date(2026, 4, 20))] == ["IFA-TEST"]
        assert lots_to_ask(cast.authority.pk, date(2027, 4, 1)) == []
        assert lots_to_ask(cast.authority.pk, date(2026, 4, 20), "residential") == []


# Answers


def test_answers_are_recorded_with_their_times(cast, own, officer, search, pass_time):
    pass_time(hours=5)
    page = answered(officer, own, search, answered_time="14:30")
    assert page.status_code == 302
    declined = answered(
        officer, own, search, "Invented Provider 2 Ltd", answer="declined", decline_reason="no_vacancy",
        answered_time="16.59",
    )  # fmt: skip
    assert declined.status_code == 302
    with own():
        one, two = offer_of(search), offer_of(search, "Invented Provider 2 Ltd")
    assert (one.answer, one.answered_at - NOON, one.weekly_amount, one.suitable) == (
        "offered", timedelta(hours=2, minutes=30), Decimal("812.40"), True,
    )  # fmt: skip
    assert (two.answer, two.decline_reason, two.weekly_amount, two.suitable) == ("declined", "no_vacancy", None, None)
    said = text(officer.get(at("referral", search)))
    assert "4 providers were asked: 1 offered a home, 1 declined, 2 have not answered." in said
    assert "2 hours" in said
    assert "No vacancy" in said
    assert "812.40" in said


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"answered_time": "11:59"}, "before the provider was asked"),
        ({"answered_time": "12:01"}, "That time has not come"),
        ({"answered_time": "noon"}, "Enter a time, such as 14:05"),
        ({"answer": "declined", "weekly_amount": ""}, "Choose why the provider declined"),
        ({"answer": ""}, "Choose what the provider answered"),
    ],
)
def test_an_answer_cannot_lie(cast, own, officer, search, given, says):
    assert says in text(answered(officer, own, search, **given))
    with own():
        assert offer_of(search).answer == ""


def test_more_are_asked_and_nobody_twice(cast, own, officer, search):
    lot = str(cast.world.lot(cast.world.shared).uuid)
    ask = at("referral-ask", search)
    assert "Everybody on these lots was asked" in text(officer.post(ask, {"lots": [lot]}))
    assert "Alder Fostering was asked in this search already" in text(
        officer.post(ask, {"providers": "alder fostering"})
    )
    assert "Tick a lot, or name a provider" in text(officer.post(ask, {"providers": ""}))
    assert officer.post(ask, {"providers": "Birch Fostering"}).status_code == 302
    with own():
        assert Offer.objects.count() == 5


# The end


def choose(officer, own, search, name="Invented Provider 1 Ltd", why="Nearest to school", version=None):
    with own():
        search.refresh_from_db()
        offer = offer_of(search, name)
    given = {"offer": str(offer.uuid), "chosen_why": why, "version": str(version or search.version)}
    return officer.post(at("referral-choose", search), given, follow=True)


def test_an_offer_is_chosen_and_a_suitable_one_not_taken_stays_so(cast, own, officer, search):
    answered(officer, own, search)
    answered(officer, own, search, "Alder Fostering", weekly_amount="700")
    said = text(choose(officer, own, search))
    assert "Invented Provider 1 Ltd is chosen. Record the placement next." in said
    assert "1 suitable offer was not taken: Alder Fostering." in said
    assert "Suitable, not taken" in said
    page = officer.get(at("referral", search)).content.decode()
    assert f"/placements/new/?referral={search.uuid}" in page
    assert "Nearest to school" in page
    with own():
        search.refresh_from_db()
        assert (search.outcome, search.closed_at, offer_of(search).chosen) == ("placed", NOON, True)
    assert "This offer was chosen" in text(
        answered(officer, own, search, answer="withdrawn")
    )  # fmt: skip
    reopened = officer.post(
        at("referral-reopen", search), {"reason": "The carer fell ill", "version": str(search.version)}
    )
    assert reopened.status_code == 302
    with own():
        search.refresh_from_db()
        assert (search.outcome, search.closed_at, offer_of(search).chosen) == ("", None, False)


def test_only_an_offer_that_stands_can_be_chosen(cast, own, officer, search):
    answered(officer, own, search, answer="withdrawn")
    assert "Select a valid choice" in text(choose(officer, own, search))
    with own():
        search.refresh_from_db()
        assert search.outcome == ""


def test_a_search_is_closed_and_not_opened_again_once_placed(cast, own, officer, search):
    close = {"outcome": "in_house", "chosen_why": "Our own carer is free", "version": str(search.version)}
    assert "is closed" in text(officer.post(at("referral-close", search), close, follow=True))
    with own():
        search.refresh_from_db()
        spot_placement(search.child, date(2026, 4, 20), referral=search)
    again = officer.post(at("referral-reopen", search), {"reason": "Why not", "version": str(search.version)})
    assert "A placement was made from this search" in text(again)
    assert "Placement 1" in text(officer.get(at("referral", search)))
    assert "This search is closed" in text(officer.post(at("referral-ask", search), {"providers": "Birch Fostering"}))
    late = answered(officer, own, search)
    assert late.status_code == 302, "an answer that comes afterwards is still recorded"


def test_the_second_of_two_people_is_told_and_nothing_is_lost(cast, own, officer, search):
    answered(officer, own, search)
    with own():
        read = offer_of(search).version
        search.refresh_from_db()
    version = search.version
    answered(officer, own, search, weekly_amount="830")
    second = text(answered(officer, own, search, weekly_amount="845", version=str(read)))
    assert "Somebody else changed this while you were typing" in second
    assert "830" in second
    assert "845" in second
    view = {"child_view": SECRET, "visited_first": "yes", "needs": "", "version": str(version)}
    assert officer.post(at("referral-view", search), view).status_code == 302
    told = text(officer.post(at("referral-view", search), view | {"child_view": "She asked for a garden"}))
    assert SECRET in told
    assert "She asked for a garden" in told
    close = {"outcome": "withdrawn", "chosen_why": "", "version": str(version)}
    assert "Somebody else changed this" in text(officer.post(at("referral-close", search), close))
    with own():
        assert offer_of(search).weekly_amount == Decimal("830.0000")
        search.refresh_from_db()
        assert (search.child_view, search.outcome) == (SECRET, "")


# Lists


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def four(cast, officer, own, pass_time):
    """Needed today, tomorrow and two days ago, all open; one closed."""
    pass_time(days=-3)
    officer.post(NEW, typed(cast, child="C-1", needed_by=date(2026, 4, 18)))
    pass_time()
    officer.post(NEW, typed(cast, child="C-2", needed_by=date(2026, 4, 21)))
    officer.post(NEW, typed(cast, child="C-3", needed_by=date(2026, 4, 20), urgency="emergency"))
    officer.post(NEW, typed(cast, child="C-4", needed_by=date(2026, 4, 20)))
    with own():
        closed = Referral.objects.get(number=4)
    officer.post(at("referral-close", closed), {"outcome": "withdrawn", "version": str(closed.version)})


def test_the_list_says_what_is_needed_and_counts_few_queries(cast, four, officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        page = officer.get("/referrals/")
    said = text(page)
    assert "3 searches are open; 1 home is needed today, 1 is late." in said
    order = [said.index(words) for words in ("2 days late", "Needed today", "Needed tomorrow", "No longer needed")]
    assert order[1:] == sorted(order[1:])
    taken = rows_of(officer.get("/referrals/?format=csv"))
    assert [(row["referral"], row["clock"], row["asked"]) for row in taken] == [
        ("Referral 1", "2 days late", "3"), ("Referral 3", "Needed today", "3"), ("Referral 2", "Needed tomorrow", "3"),
        ("Referral 4", "No longer needed", "3"),
    ]  # fmt: skip
    book = load_workbook(io.BytesIO(officer.get("/referrals/?format=xlsx").getvalue()))
    assert any(cell.value == "Referral 3" for sheet in book for row in sheet for cell in row)


def test_the_list_is_filtered(four, officer):
    wanted = {
        "now=open": [1, 3, 2], "now=closed": [4], "urgency=emergency": [3], "needed=late": [1],
        "needed=today": [3, 4], "needed=week&sort=-number": [4, 3, 2], "service=residential": [],
        "child=2": [2], "sort=number": [1, 2, 3, 4], "now=nonsense&sort=-x": [1, 3, 2, 4],
    }  # fmt: skip
    for asked, numbers in wanted.items():
        rows = rows_of(officer.get(f"/referrals/?format=csv&{asked}"))
        assert [int(row["referral"].split()[1]) for row in rows] == numbers, asked


def test_a_search_is_found_by_child_or_number(cast, four, officer, own):
    with own():
        third = Referral.objects.get(number=3)
    assert officer.post("/referrals/", {"search": "c-2"})["Location"] == "/referrals/?child=2"
    assert officer.post("/referrals/", {"search": "referral 3"})["Location"] == at("referral", third)
    assert "No child and no search of yours" in text(officer.post("/referrals/", {"search": "C-99"}))


def test_empty_lists_say_what_to_do(cast, officer):
    assert "Open the first search" in text(officer.get("/referrals/"))
    assert "Nobody was asked" in text(officer.get("/referrals/responses/"))
    assert "Nobody has asked you yet" in text(signed_in(cast.person("provider_contact")).get("/referrals/"))


# Isolation


def test_another_authority_finds_nothing(cast, search):
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert stranger.get(at("referral", search)).status_code == 404
    assert "Open the first search" in text(stranger.get("/referrals/"))


def test_a_provider_sees_what_it_was_asked_and_nothing_of_the_child(cast, own, officer, search, pass_time):
    child = search.child.uuid
    view = {"child_view": SECRET, "visited_first": "no", "needs": "Epilepsy at night", "version": str(search.version)}
    officer.post(at("referral-view", search), view)
    pass_time(hours=3)
    answered(officer, own, search, "Alder Fostering", answered_time="14:15", weekly_amount="899")
    answered(officer, own, search, weekly_amount="777.77")
    choose(officer, own, search, "Alder Fostering", why="Her aunt lives next door")
    contact = signed_in(cast.person("provider_contact"))
    for path in ("/referrals/", "/referrals/?format=csv", "/referrals/responses/"):
        answer = contact.get(path)
        page = answer.getvalue().decode("utf-8-sig") if "csv" in path else answer.content.decode()
        for hidden in (
            SECRET, "Epilepsy", "aunt", "Child 1", "LCS", str(search.uuid), str(child), "Referral 1",
            "Invented Provider", "777", "Birch",
        ):  # fmt: skip
            assert hidden not in page, (path, hidden)
    said = text(contact.get("/referrals/"))
    assert "You were asked for 1 home; 1 answer is recorded, half of them within 2.3 hours." in said
    assert "You offered 1 home; 1 was chosen." in said
    (row,) = rows_of(contact.get("/referrals/?format=csv"))
    assert (row["service"], row["took"], row["answer"], row["chosen"]) == (
        "Fostering", "2 hours", "Offered a home", "Yes",
    )  # fmt: skip
    assert contact.get(at("referral", search)).status_code in (403, 404)
    rival = signed_in(cast.person("provider_contact", stranger=True))
    assert "Nobody has asked you yet" in text(rival.get("/referrals/"))


# Rules


def test_clocks_and_times_in_words():
    today = date(2026, 4, 20)
    says = [needed_in_words(today + timedelta(days=n), today) for n in (-2, -1, 0, 1, 3)]
    assert says == ["2 days late", "1 day late", "needed today", "needed tomorrow", "needed in 3 days"]
    took = [lasted(NOON, NOON + timedelta(minutes=n)) for n in (0, 1, 119, 120, 2879, 2880)]
    assert took == ["0 minutes", "1 minute", "119 minutes", "2 hours", "47 hours", "2 days"]
    friday, monday = date(2026, 4, 17), date(2026, 4, 20)
    assert in_time(friday, monday, today) is True
    assert in_time(friday, date(2026, 4, 21), date(2026, 4, 21)) is False
    assert in_time(friday, None, monday) is None
    assert in_time(friday, None, date(2026, 4, 21)) is False


def test_the_form_without_lots_asks_for_none():
    form = ReferralForm(lots=[], nearest=lambda words: [])
    assert "lots" not in form.fields
    assert "first_tier" not in form.fields
