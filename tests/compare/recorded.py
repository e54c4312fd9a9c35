"""Records with every kind of gap for tests of data quality: chance decides what is said, so that no rule is asked of
like rows alone. And history moved back, as if it had been written over months."""

import random
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from contracts.actions.agreements import line_as_agreed
from contracts.models import AgreementVersion, Child, CostLine, Offer, Placement, Referral
from providers.actions.suspend import suspend
from providers.models import Award, Establishment, Provider
from quality.models import SurveyResponse, Visit
from tests.quality.monitored import home_of, template_of
from tests.quality.voices import make_survey

BY = "service:tests"
MOVED = ("contracts_placement", "contracts_referral", "contracts_offer", "contracts_costline", "quality_surveyresponse")


@contextmanager
def door(authority: Any):
    with acting_as(Viewer.of_authority(authority.pk), by=BY):
        yield


def places(members: Any, today: date) -> list[Establishment]:
    """Of two providers: registered here and elsewhere, closed, with many addresses, and an agency."""
    with acting_as(Viewer.of_service("tests"), by=BY):
        one, two = Provider.objects.filter(name__startswith="Invented Provider").order_by("name")[:2]
        return [
            home_of(one, "SC810001", area=members[0]), home_of(two, "SC810002", area=members[1]),
            home_of(one, "SC810003", closed_on=today - timedelta(days=300)),
            home_of(two, "SC810004", "supported_accommodation", 2),
            home_of(one, "SC810005", "fostering_agency"),
        ]  # fmt: skip


def records(authority: Any, homes: list[Establishment], today: date, *, seed: int, number: int) -> None:
    """`number` placements of the authority with all that hangs on them, and half as many searches."""
    chance = random.Random(seed)
    now = timezone.now()

    def may(value: Any, without: Any = "") -> Any:
        return value if chance.random() < 0.7 else without

    def ago(most: int) -> date:
        return today - timedelta(days=chance.randrange(most))

    with acting_as(Viewer.of_service("tests"), by=BY):
        survey, template = make_survey(), template_of("site")
    with door(authority):
        lead = User.objects.filter(authority=authority).order_by("pk").first()
        awards = list(Award.objects.select_related("lot").order_by("pk"))
        own = {"authority": authority}
        for each in range(number):
            child = Child.objects.create(**own, number=each + 1, disabilities=[])
            referral = None
            if each % 2:
                referral = _search(chance, own, child, each, today, now, homes)
            priced = each % 9 == 8  # a price within its award's rate, or too far from it, is not left to chance
            starts_on = ago(200 if priced else 900)
            ended = None if priced else may(None, starts_on + timedelta(days=chance.randrange(5, 400)))
            route = "framework" if priced else chance.choice(("framework", "spot", "spot", "in_house"))
            award = chance.choice(awards) if route == "framework" else None
            place = may(chance.choice(homes), None) if route != "in_house" else None
            home = Placement.objects.create(
                **own, number=each + 1, child=child, referral=may(referral, None), starts_on=starts_on,
                ends_before=ended,
                called_off_on=starts_on, route=route, award=award, lot=award and award.lot,
                respite=chance.random() < 0.1,
                service_type=chance.choice(("residential", "fostering", "supported", "lodgings")), establishment=place,
                provider=may(award.provider if award else chance.choice(homes).provider, None)
                if route != "in_house" else None,
                spot_reason=may("specialist") if route == "spot" else "", end_reason=may("CARPL"), ended_by=may("plan"),
                registration=chance.choice(("registered", "registered", "unknown", "applied")),
                destination=may("family"),
                boundary=chance.choice(("", "in", "out")), distance_miles=may("12.3", None), host_area=may("Kent"),
                host_authority=may(chance.choice([home.area for home in homes[:2]]), None),
                planned_end_on=may(today + timedelta(days=chance.randrange(-90, 90)), None),
            )  # fmt: skip
            lines = _lines(chance, own, home, award, today, may, (80, 100)[each % 2] if priced else 0)
            if chance.random() < 0.6:
                _agreement(chance, own, home, lines, may)
            if chance.random() < 0.5:
                SurveyResponse.objects.create(
                    **own, survey=survey, placement=may(home, None), provider=may(chance.choice(homes).provider, None),
                    service_type="residential", occasion="six_months", answered_on=ago(700),
                )  # fmt: skip
        for each in range(number):
            _visit(chance, own, each, today, now, homes, template, lead, may)
        suspend(
            authority_id=authority.pk, provider=homes[0].provider, reason="visit", words="Doors",
            lifts_when="They lock", starts_on=today - timedelta(days=300), by=BY, now=now, establishment=homes[0],
        )  # fmt: skip


def _search(chance: random.Random, own: Any, child: Any, each: int, today: date, now: Any, homes: Any) -> Referral:
    opened = now - timedelta(days=chance.randrange(1, 800))
    outcome = chance.choice(("placed", "placed", "in_house", "withdrawn", ""))
    made = Referral.objects.create(
        **own, number=each + 1, child=child, opened_at=opened, urgency="planned", in_house_tried="no",
        needed_by=timezone.localdate(opened) + timedelta(days=9), service_type="residential", outcome=outcome,
        closed_at=opened + timedelta(days=7) if outcome else None, chosen_why=chance.choice(("Near school", "")),
        child_view=chance.choice(("Near school", "")),
    )  # fmt: skip
    for place, provider in enumerate({home.provider.pk: home.provider for home in homes}.values()):
        answer = chance.choice(("offered", "offered", "declined", "")) if place or outcome != "placed" else "offered"
        Offer.objects.create(
            **own, referral=made, provider=provider, service_type="residential", urgency="planned",
            needed_by=made.needed_by, asked_at=opened, answer=answer,
            answered_at=opened + timedelta(days=chance.randrange(5)) if answer else None,
            decline_reason=chance.choice(("price", "")) if answer == "declined" else "",
            weekly_amount=chance.choice(("4000", None)) if answer == "offered" else None,
            suitable=chance.choice((None, True, False)), chosen=not place and outcome == "placed",
        )  # fmt: skip
    return made


def _lines(
    chance: random.Random, own: Any, home: Placement, award: Any, today: date, may: Any, percent: int
) -> list[CostLine]:  # fmt: skip
    """`percent` of the award's rate: 0 where chance says how much it is, and whether there is a core line."""
    found = []
    if percent or chance.random() < 0.8:
        rate = award.rates.order_by("pk").last() if award else None
        amount = round(rate.amount * (percent or chance.choice((80, 95, 100, 105, 111))) / 100, 2) if rate else 4000
        begins = home.starts_on + timedelta(days=0 if percent else chance.choice((-3, 0, 0, 0, 30)))
        found.append(CostLine.objects.create(
            **own, placement=home, amount=amount, weekly_amount=amount, starts_on=begins,
            price_line=rate and (rate.price_line if percent else may(rate.price_line, None)),
            ends_before=may(home.ends_before, None) if home.ends_before and home.ends_before > begins else None,
        ))  # fmt: skip
    if chance.random() < 0.4:
        unit = chance.choice(("hour", "one_off"))
        once = unit == "one_off"
        found.append(CostLine.objects.create(
            **own, placement=home, category="additional", amount=50, unit=unit, weekly_amount=0 if once else 50,
            once_amount=50 if once else 0, service=may("therapy"), starts_on=home.starts_on, approved_by="Panel",
            approved_on=home.starts_on, review_on=may(today, None),
        ))  # fmt: skip
    return found


def _agreement(chance: random.Random, own: Any, home: Placement, lines: list[CostLine], may: Any) -> None:
    for number in range(1, chance.choice((2, 3))):
        AgreementVersion.objects.create(
            **own, placement=home, number=number, notice_days=28, price_agreed=4000, provider_signatory=may("A"),
            agreed_on=home.starts_on + timedelta(days=chance.randrange(45) * number), authority_signatory=may("B"),
            starts_on=home.starts_on + timedelta(days=300 * (number - 1)), included=may(["rent"], []),
            planned_end_on=may(home.planned_end_on, home.starts_on),
            lines=[line_as_agreed(x) for x in lines if may(True)],
        )  # fmt: skip


def _visit(
    chance: random.Random, own: Any, each: int, today: date, now: Any, homes: Any, template: Any, lead: Any, may: Any
) -> None:  # fmt: skip
    home, back = chance.choice(homes), chance.randrange(-5, 800)
    state = chance.choice(("planned", "draft", "published", "published", "cancelled"))
    day = today - timedelta(days=max(back, 0))
    Visit.objects.create(
        **own, number=each + 1, provider=home.provider, establishment=home, template=template, kind="site", state=state,
        planned_on=today - timedelta(days=back), visited_on=day if state in ("draft", "published") else None,
        published_at=now - timedelta(days=max(back, 0) - chance.randrange(0, 80)) if state == "published" else None,
        premises=may(home.premises.first(), None), lead=may(lead, None), to_members=True,
    )  # fmt: skip


def moved_back(seed: int = 3) -> None:
    """What history says was written today was written up to two years ago, each row its own number of days. As the
    owner of history alone can: committed rows are needed."""
    chance = random.Random(seed)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET ROLE audit")
        for table in MOVED:
            cursor.execute(f"SELECT event_id FROM audit.{table} ORDER BY event_id")
            ids = [row[0] for row in cursor.fetchall()]
            back = [chance.choice((0, 1, 3, 6, 12, 200, 600)) for _ in ids]
            cursor.execute(
                f"UPDATE audit.{table} e SET at = at - make_interval(days => t.days) "
                "FROM unnest(%s::bigint[], %s::int[]) t(id, days) WHERE e.event_id = t.id",
                [ids, back],
            )
        cursor.execute("RESET ROLE")
