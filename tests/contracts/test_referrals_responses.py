"""Response times and conversion against a slow, obvious count of the same rows."""

import csv
import io
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.measures.responses import figures_by, own_figures
from contracts.models import Offer, Referral
from contracts.rules.clocks import is_working
from tests.contracts.bought import BY, spot_placement
from tests.contracts.test_referrals_source import asked, book, search
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TODAY = date(2026, 4, 20)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 4, 20, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def own(cast):
    return lambda: acting_as(Viewer.of_authority(cast.authority.pk), by=BY)


@pytest.fixture
def log(cast, own):
    """Forty searches of the last weeks, from a file, with every answer in them; placements from some."""
    chance, searches, questions = random.Random(4), [], []
    names = [*cast.world.providers, "Alder Fostering"]
    for number in range(40):
        reference = f"R-{number}"
        opened = datetime(2026, 2, 25, 8) + timedelta(minutes=chance.randrange(55 * 24 * 60 - 600))
        facts = {"Opened at": opened, "Needed by": opened.date(), "Child reference": f"C-{number}"}
        facts["Urgency"] = chance.choice(["planned", "emergency"])
        offered = []
        for name in chance.sample(names, chance.randrange(5)):
            at = opened + timedelta(minutes=chance.randrange(300))
            row = asked(name, reference, Framework=None, Lot=None) | {"Asked at": at}
            answer = chance.choice(["", "offered", "declined", "withdrawn"])
            answered = at + timedelta(minutes=chance.randrange(4000))
            if answer and answered < datetime(2026, 4, 20, 10):
                row |= {"Answer": answer, "Answered at": answered}
                if answer == "offered":
                    offered.append(row)
            questions.append(row)
        if offered and chance.random() < 0.7:
            offered[0]["Chosen"] = "yes"
            closed = max(row["Answered at"] for row in offered)
            facts |= {"Outcome": "placed", "Closed at": closed}
        searches.append(search(reference, **facts))
    run = send("referrals", book(searches, questions), cast.authority, name="log.xlsx")
    assert run.rows_rejected == 0
    with own():
        for found in Referral.objects.filter(outcome="placed").select_related("child__authority").order_by("pk")[:7]:
            spot_placement(found.child, date(2026, 4, 19), referral=found)


def in_time_slowly(asked_on: date, answered_on: date | None):
    """Day by day to the next working day."""
    last = asked_on + timedelta(days=1)
    while not is_working(last):
        last += timedelta(days=1)
    if answered_on is None:
        return False if last < TODAY else None
    return answered_on <= last


def hours(first, second) -> Decimal:
    return (Decimal((second - first).days * 86400 + (second - first).seconds) / 3600).quantize(Decimal("0.01"))


def local(moment) -> date:
    return moment.astimezone(LONDON).date()


def middle(values) -> Decimal | None:
    return median(values).quantize(Decimal("0.01")) if values else None


def test_each_provider_against_a_slow_count(cast, own, log):
    with own():
        found = figures_by(Offer.objects.all(), "provider", TODAY)
        by_provider = defaultdict(list)
        for offer in Offer.objects.all():
            by_provider[offer.provider_id].append(offer)
    assert len(found) == 4
    for provider, offers in by_provider.items():
        own_figure = found[provider]
        answered = [offer for offer in offers if offer.answer]
        judged = [
            in_time_slowly(local(offer.asked_at), local(offer.answered_at) if offer.answered_at else None)
            for offer in offers
        ]
        assert own_figure.asked == len(offers)
        assert own_figure.answered == len(answered)
        assert own_figure.offered == len([o for o in offers if o.answer in ("offered", "withdrawn")])
        assert own_figure.declined == len([o for o in offers if o.answer == "declined"])
        assert own_figure.chosen == len([o for o in offers if o.chosen])
        assert (own_figure.on_time, own_figure.due) == (judged.count(True), len(judged) - judged.count(None))
        got, slow = own_figure.median_hours, middle([hours(o.asked_at, o.answered_at) for o in answered])
        assert abs(got - slow) <= Decimal("0.01"), "halves may go either way in the slow count"


def test_the_authority_s_own_part_against_a_slow_count(cast, own, log):
    with own():
        found = own_figures(Referral.objects.all())
        first, chosen, emergencies, with_questions, placed = [], [], 0, 0, 0
        for referral in Referral.objects.all():
            offers = list(referral.offers.all())
            emergencies += referral.urgency == "emergency"
            if offers:
                with_questions += 1
                first.append(hours(referral.opened_at, min(offer.asked_at for offer in offers)))
                placed += referral.placements.exists()
            if any(offer.chosen for offer in offers):
                chosen.append(hours(referral.opened_at, referral.closed_at))
    assert (found.searches, found.emergencies, found.asked, found.placed) == (40, emergencies, with_questions, placed)
    assert (found.first_asked_n, found.chosen_n) == (len(first), len(chosen))
    assert placed == 7
    assert abs(found.first_asked_hours - middle(first)) <= Decimal("0.01")
    assert abs(found.chosen_hours - middle(chosen)) <= Decimal("0.01")


def page(user, address="/referrals/responses/"):
    client = Client()
    client.force_login(user)
    return client.get(address)


def rows_of(answer) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    return {next(iter(row.values())): row for row in rows}


def test_the_page_and_its_file_say_the_same_and_a_provider_sees_its_own(cast, own, log, django_assert_max_num_queries):
    officer = cast.person("analyst")
    reader = Client()
    reader.force_login(officer)
    with django_assert_max_num_queries(20):
        answer = reader.get("/referrals/responses/")
    said = answer.content.decode()
    assert "4 providers were asked" in said
    assert "Our own part" in said
    all_rows = rows_of(page(officer, "/referrals/responses/?format=csv&period=all"))
    with own():
        asked_of = {name: Offer.objects.filter(provider__name=name).count() for name in all_rows}
    assert {name: int(row["asked"]) for name, row in all_rows.items()} == asked_of
    theirs = rows_of(page(cast.person("provider_contact"), "/referrals/responses/?format=csv&period=all"))
    assert list(theirs) == ["Southwark"]
    for heading in ("asked", "answered", "hours", "share", "offered", "chosen", "converted"):
        assert theirs["Southwark"][heading] == all_rows["Alder Fostering"][heading]
    contact = page(cast.person("provider_contact")).content.decode()
    assert "Our own part" not in contact
    assert "Invented Provider" not in contact
    emergencies = rows_of(page(officer, "/referrals/responses/?format=csv&urgency=emergency"))
    assert sum(int(row["asked"]) for row in emergencies.values()) < sum(asked_of.values())
    assert page(officer, "/referrals/responses/?service=residential").status_code == 200
