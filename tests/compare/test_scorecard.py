"""Scorecards: each figure as a slow reader of the rows finds it, for each viewer; what is not theirs is not there; no
score; readable for a home of four; and what it costs."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissioning.compare.measures.scorecard import of_group, of_lot, of_provider, scorecard
from commissioning.compare.measures.scorecard_members import side_by_side
from commissioning.compare.pages.scorecard_rows import as_kept, sections
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.outcomes import review_outcome
from contracts.models import CostLine, Outcome, OutcomeReview, Placement
from providers.actions.award_place import award_place
from providers.models import Establishment, Ownership
from quality.actions.concerns import raise_concern
from quality.actions.escalate import escalate
from quality.models import Concern, ImprovementAction, Inspection, SurveyAnswer, Visit
from tests.compare.released import of_provider as figure_of
from tests.compare.released import publish
from tests.contracts.bought import BY, child_of, framework_placement, weekly
from tests.contracts.samples_agreements import agreed
from tests.quality.meeting import answered, asked, expects, meeting_in, returned, with_set
from tests.quality.visiting import home_of, own, published, with_plan
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)
SCORES = ("out of 10", "overall score", "ranked", "league", "rank of")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(card) -> dict[str, str]:
    return {row["label"]: row["now"] for each in as_kept(sections(card))["sections"] for row in each["rows"]}


def lot_of(cast):
    return cast.world.lot(cast.world.shared)


def card_page(cast, provider) -> str:
    return text(signed_in(cast.person("quality_officer")).get(f"/providers/{provider.uuid}/scorecard/"))


def card_for(authority, scope, *, concerns=True):
    with own(authority):
        return scorecard(scope, TODAY, own=True, concerns=concerns)


def service():
    return acting_as(Viewer.of_service("tests"), by=BY)


def concern(cast, authority, words, marking="placing", day=TODAY) -> None:
    officer = cast.person("quality_officer", stranger=authority == cast.other)
    with own(authority):
        raise_concern(
            authority=authority, provider=cast.provider, kind="concern", source="officer", theme="staffing",
            marking=marking, words=words, raised_on=day, by=officer, now=NOON,
        )  # fmt: skip


def build(cast):
    """Alder with homes, judgements, visits, returns, answers, concerns of two boroughs, and an owner with Birch."""
    lot = cast.world.lot(cast.world.shared)
    with own(cast.authority):
        award = award_place(lot=lot, provider=cast.provider, starts_on=date(2024, 4, 1), by=BY, tier=1)
    of_set = with_set()
    for authority, prices in ((cast.authority, ("812.00", "840.00", "901.00")), (cast.other, ("500.00",))):
        with own(authority):
            homes = [framework_placement(child_of(authority), award, date(2025, 6, 2)) for _ in prices]
            lines = [weekly(home, price) for home, price in zip(homes, prices, strict=True)]
            for home, line in zip(homes, lines, strict=True):
                agreed(home, [line])
            for step, outcome in enumerate(Outcome.objects.order_by("pk")):
                review_outcome(outcome=outcome, kind="six_month", reviewed_on=date(2026, 1, 5), evidence="Seen",
                               now=min(5, max(1, outcome.baseline + 1 - step)), reviewer="A reviewing officer", by=BY,
                               today=TODAY)  # fmt: skip
    with service():
        Ownership.objects.create(provider=cast.rival, owned=cast.provider, starts_on=date(2020, 1, 1))
        elm, oak = (home_of(cast.provider, name, "childrens_home") for name in ("Elm House", "Oak House"))
    with service():
        for home, day, overall, protection in (
            (elm, date(2024, 5, 1), "good", "good"), (elm, date(2026, 2, 1), "inadequate", "inadequate"),
            (oak, date(2025, 1, 8), "outstanding", "good"),
        ):  # fmt: skip
            Inspection.objects.create(
                establishment=home, provider=cast.provider, event_number=f"{home.urn}{day}", scale="grades",
                overall=overall, protection=protection, leadership="good", inspected_on=day, as_at=day,
            )  # fmt: skip
    with_plan(published(cast, findings=2, at=NOON - timedelta(days=60)), cast, due_on=TODAY)
    with own(cast.authority):
        ImprovementAction.objects.update(due_on=TODAY - timedelta(days=3))
    published(cast, authority=cast.other, findings=1)
    kpi = expects(lot)
    returned(kpi, cast.provider, date(2025, 7, 1), date(2025, 10, 1), 19, 20)
    question = asked(of_set)
    for authority, provider, day, values in (
        (cast.authority, cast.provider, date(2026, 2, 3), (5, 4, 1, None)),
        (cast.authority, cast.provider, date(2024, 9, 3), (5,)),
        (cast.authority, cast.provider, date(2023, 9, 3), (1, 1)),  # longer ago than 24 months
        (cast.authority, cast.rival, date(2026, 2, 3), (4, 4, 4, 4)),
        (cast.other, cast.provider, date(2026, 2, 3), (1, 1, 1, 1, 1)),
    ):  # fmt: skip
        for value in values:
            answered(authority, provider, day, value, question)
    concern(cast, cast.authority, "OURS ALONE")
    concern(cast, cast.other, "THEIRS ALONE")
    concern(cast, cast.other, "SHARED BY LEWISHAM", marking="shareable")
    with own(cast.other):
        escalate(
            authority_id=cast.other.pk, provider=cast.provider, stage="concern_letter", reason="Late notices",
            sent_on=TODAY, by=BY, today=TODAY,
        )  # fmt: skip
    publish(cast, [figure_of(cast.provider, lot, "800.00")])
    return lot, award


def test_the_scorecard_of_a_provider_for_each_viewer(cast):
    lot, award = build(cast)
    mine = card_for(cast.authority, of_provider(cast.provider))
    rows = told(mine)
    # Price: own median beside the release's.
    with own(cast.authority):
        homes = Placement.objects.filter(provider=cast.provider, ends_before=None)
        prices = [sum(line.weekly_amount for line in CostLine.objects.filter(placement=home)) for home in homes]
    price = next(now for label, now in rows.items() if "IFA-TEST" in label)
    assert price == (
        f"£{median(prices):,.0f} a week, the median of 3 homes; the partnership pays £800 for this provider on this "
        f"lot: £{median(prices) - 800:,.0f} above"
    )
    # Regulator: each home's latest, what limits, what changed.
    assert rows["Homes and agencies"] == "1 Inadequate, 1 Outstanding, 1 not yet inspected" or (
        rows["Homes and agencies"] == "1 Inadequate, 1 Outstanding"
    )
    assert rows["Limiting judgement: Elm House"] == "Inadequate for helped and protected"
    assert rows["Changed: Elm House"] == "Inadequate"
    # Visits and actions: own, and what others published or shared.
    with own(cast.authority):
        year = TODAY - timedelta(days=365)
        visits = [v for v in Visit.objects.all() if v.provider_id == cast.provider.pk and v.visited_on > year]
        acts = list(ImprovementAction.objects.filter(provider=cast.provider))
        late = sum(a.due_on < TODAY and a.state in ("proposed", "agreed", "sent_back") for a in acts)
        answers = [
            a.value
            for a in SurveyAnswer.objects.select_related("response")
            if a.response.provider_id == cast.provider.pk and a.value and a.response.answered_on > date(2024, 4, 20)
        ]
        open_concerns = [c for c in Concern.objects.all() if c.closed_on is None]
        reviews = {r.outcome_id: r.now - r.outcome.baseline for r in OutcomeReview.objects.order_by("reviewed_on")}
    assert mine.visited.n == len(visits) == 2
    assert rows["Actions"].startswith(
        f"{len(acts)} open, {late} overdue, 0 done and to be checked; the first was due by 17"
    )
    assert late == 2
    # KPIs: the newest return, and that the one after it is late.
    assert rows["Agreements fulfilled (Lot 1: General)"] == (
        "95%, target 95%: Good; the return due by 21 January 2026 is late"
    )
    # Statements: own young people alone; few, so it says so, and the owner's group stands beside.
    agree = sum(value >= 4 for value in answers)
    assert (agree, len(answers)) == (3, 4)
    said = rows["1. I want to feel safe in the place that I live and sleep"]
    z, p, n = 1.96, agree / len(answers), len(answers)
    low, high = (
        (p + z * z / (2 * n) + sign * z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5) / (1 + z * z / n)
        for sign in (-1, 1)
    )
    assert said.startswith(f"75% agree (3 of 4), likely between {low * 100:.0f}% and {high * 100:.0f}%; few answered")
    assert "In all homes of Birch Fostering’s group: 88% agree (7 of 8)" in said
    assert {label[:2] for label in rows if label[0].isdigit()} == {"1.", "7."}
    assert "100% of 1" not in card_page(cast, cast.provider), "one answer of the year before is nobody's to tell"
    with own(cast.authority):
        on_lot = [each.provider for each in lot_of(cast).awards.select_related("provider").order_by("pk")]
    third = next(each for each in on_lot if each not in (cast.provider, cast.rival))
    for _ in range(2):
        answered(cast.authority, third, date(2026, 2, 3), 1, asked(with_set()))
    page = card_page(cast, third)
    assert "0 of 2 agree: too few for a percentage" in page
    assert "0% agree" not in page
    # Outcomes, concerns, letters.
    counts = [sum(change > 0 for change in reviews.values()), sum(change == 0 for change in reviews.values()),
              sum(change < 0 for change in reviews.values())]  # fmt: skip
    assert rows["Outcomes reviewed in twelve months"] == (
        f"{counts[0]} further on than at the beginning, {counts[1]} where they were, {counts[2]} further away"
    )
    assert rows["Concerns and complaints in twelve months"] == f"2 raised; {len(open_concerns)} open, whenever raised"
    assert "Letters and notices in twelve months" not in rows, "Lewisham did not share its letter"
    # Lewisham reads its own children's part, and no more of Southwark's than is shared.
    theirs = told(card_for(cast.other, of_provider(cast.provider)))
    assert next(now for label, now in theirs.items() if "IFA-TEST" in label).startswith("£500 a week, one home")
    assert theirs["1. I want to feel safe in the place that I live and sleep"].startswith("0% agree (0 of 5)")
    assert theirs["Concerns and complaints in twelve months"] == "2 raised; 2 open, whenever raised"
    assert theirs["Letters and notices in twelve months"] == "1 sent, 1 open"
    assert theirs["Actions"] == rows["Actions"], "what was agreed is every member's to read"
    # The pages: contact, rival, steering member; and no score anywhere.
    at = f"/providers/{cast.provider.uuid}/scorecard/"
    officer, contact = signed_in(cast.person("quality_officer")), signed_in(cast.person("provider_contact"))
    page = text(officer.get(at))
    assert "3 children of ours live there today." in page
    assert "£840 a week" in page
    assert not any(word in page.lower() for word in SCORES)
    seen = text(contact.get(at))
    for hidden in (
        "a week",
        "young people say",
        "Concerns and complaints",
        "OURS ALONE",
        "SHARED BY LEWISHAM",
        "THEIRS ALONE",
        "% agree",
    ):
        assert hidden not in seen, hidden
    assert "Agreements fulfilled (Lot 1: General)" in seen
    assert "1 sent, 1 open" in seen, "its own letter"
    assert contact.get(f"{at}group/").status_code == 403
    assert signed_in(cast.person("provider_contact", stranger=True)).get(at).status_code == 404
    assert "Concerns and complaints in" not in text(signed_in(cast.person("steering_member")).get(at))
    taken = officer.get(f"{at}?format=csv").content.decode()
    assert "Limiting judgement: Elm House" in taken
    assert contact.get(f"{at}?format=csv").content.decode().count("agree (") == 0
    # What was kept for a meeting is no provider's, and no other borough's.
    meeting = meeting_in(cast, "planned", TODAY)
    officer.post(f"/providers/contract-meetings/{meeting.uuid}/prepare/", {"notes": "Our notes"})
    whole = f"/providers/contract-meetings/{meeting.uuid}/"
    assert "75% agree (3 of 4)" in text(officer.get(whole))
    assert "75% agree" not in text(contact.get(whole))
    assert "Concerns and complaints in" in text(officer.get(whole))
    assert "Concerns and complaints in" not in text(signed_in(cast.person("steering_member")).get(whole))
    assert "Our notes" not in text(contact.get(whole))
    # The group and the lot: side by side by name, each figure its own.
    group = card_in(cast, lambda: of_group(cast.rival, TODAY))
    assert group[0].scope.providers == tuple(sorted((cast.rival.pk, cast.provider.pk)))
    assert [side.provider.name for side in group[1]] == ["Alder Fostering", "Birch Fostering"]
    alder = group[1][0]
    assert (alder.homes, alder.median, alder.visits, alder.late, alder.missing) == (3, Decimal("840.00"), 2, 2, 1)
    assert (alder.answered, group[1][1].answered) == (5, 4), "who did not want to say has answered"
    on_lot = card_in(cast, lambda: of_lot(lot, TODAY))
    assert [side.provider.name for side in on_lot[1]][0] == "Alder Fostering"
    assert len(on_lot[1]) == 4
    assert on_lot[0].voice == [], "these answers were on no lot"
    for address in (f"/providers/{cast.rival.uuid}/scorecard/group/", f"/lots/{lot.uuid}/scorecard/"):
        page = officer.get(address)
        assert page.status_code == 200
        assert not any(word in text(page).lower() for word in SCORES)
    # Five homes and fifty, one visit and forty: the same number of queries.
    costs = [cost(officer, at)]
    with service():
        Establishment.objects.bulk_create(
            Establishment(urn=f"SC8{n:05d}", kind="childrens_home", name=f"Home {n}", provider=cast.provider)
            for n in range(50)
        )
    question = asked(with_set())
    for n in range(8):
        answered(cast.authority, cast.provider, TODAY - timedelta(days=n), 5, question)
    with own(cast.authority):
        for _ in range(8):
            weekly(framework_placement(child_of(cast.authority), award, date(2025, 6, 2)), "700.00")
    costs.append(cost(officer, at))
    assert costs[1] <= costs[0], costs
    assert costs[0] < 75, costs


def card_in(cast, scope):
    with own(cast.authority):
        card = scorecard(scope(), TODAY, own=True, concerns=True)
        return card, side_by_side(card)


def cost(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connections["default"]) as seen:
        assert client.get(address).status_code == 200
    return len(seen)
