"""What people do to the rows of every resource, as a table: added, changed, removed, shared and taken back, with the
parts that a row shows and that change without it.

An edit is done as who may write: Southwark, which leads SEL-1 and has rows of its own; Lewisham, the same of LEW-1; a
service, for what is nobody's. It chooses among rows that are there, and where there is none it leaves it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from django.utils import timezone

from commissioning.compare.actions.releases import publish_release, withdraw_release
from commissioning.compare.models import Release
from commissioning.kernel.models import ImportRun
from commissioning.partnership.models import (
    Authority,
    AuthorityCode,
    AuthoritySuccession,
    Extension,
    Framework,
    FrameworkEvent,
    Kpi,
    Lot,
    LotKpi,
    Participation,
    PriceLine,
)
from contracts.actions.change_placement import change_placement
from contracts.actions.cost_lines import add_cost_line, end_cost_line, replace_cost_line, set_funding
from contracts.actions.referrals import close_referral, record_answer, reopen_referral
from contracts.models import (
    AgreementVersion,
    Benefit,
    CareStatus,
    Child,
    CostLine,
    DistanceApproval,
    FundingSplit,
    Offer,
    Oversight,
    Placement,
    PlacementMeeting,
    Referral,
)
from providers.models import Alias, Award, Establishment, Ownership, Premises, Provider, Rate, Suspension
from providers.models import SuspensionDecision as Decision
from quality.actions.rely_on_visit import stop_relying
from quality.models import (
    Answer,
    ContractKpi,
    EventNotice,
    Finding,
    ImprovementAction,
    Inspection,
    KpiCheck,
    KpiReturn,
    NotifiableEvent,
    Reliance,
    SurveyAnswer,
    Visit,
    VisitReport,
)
from tests.compare.figures import figures, release_by, weekly
from tests.contracts.bought import child_of, spot_placement

from .conftest import BEGINS, charge, officer, service

BY = "service:tests"
MADE = "Made by an edit"
TODAY = date(2026, 4, 20)
OWN, LEADS, SERVICE = ("southwark", "lewisham"), ("southwark", "lewisham"), ("service",)


@dataclass
class Scene:
    """The market, and who edits it. Each editor has a random of its own; numbers are given out once to all."""

    market: Any
    authorities: dict[str, Any]
    people: tuple[Any, Any]
    random: Random = field(default_factory=Random)
    numbers: Any = field(default_factory=lambda: count(100))
    who: str = ""

    def number(self) -> int:
        return next(self.numbers)

    def day(self) -> date:
        return BEGINS + timedelta(days=self.random.randrange(10, 380))

    def some(self, rows: Any) -> Any:
        """One of the rows, by the editor's own choice; None where there is none."""
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    @property
    def authority(self) -> Any:
        return self.authorities[self.who]

    @property
    def other(self) -> Any:
        return self.authorities["lewisham" if self.who == "southwark" else "southwark"]

    @property
    def place(self) -> Any:
        return self.market.ours if self.who == "southwark" else self.market.theirs

    @property
    def bought(self) -> Any:
        return self.market.bought[self.who]

    def door(self) -> AbstractContextManager:
        return service() if self.who == "service" else officer(self.authority)


@dataclass(frozen=True)
class Edit:
    resource: str
    who: str  # who does it; empty: it opens the doors itself
    work: Callable[[Scene], None]

    def __str__(self) -> str:
        return f"{self.resource}: {self.work.__name__} by {self.who or 'several'}"


TABLE: list[Edit] = []


def edits(resource: str, *who: str) -> Callable[[Callable], Callable]:
    def add(work: Callable) -> Callable:
        TABLE.extend(Edit(resource, each, work) for each in who)
        return work

    return add


def turned(rows: Any, add: Callable[[], Any]) -> None:
    """What is there goes; what is not there comes."""
    if not rows.delete()[0]:
        add()


# authorities


@edits("authorities", *SERVICE)
def add_authority(scene):
    n = scene.number()
    Authority.objects.create(slug=f"gone-{n}", name=f"Gone {n}", kind="county", region=MADE)


@edits("authorities", *SERVICE)
def change_authority(scene):
    Authority.objects.filter(slug="bexley").update(dfe_number=str(scene.number()))


@edits("authorities", *SERVICE)
def remove_authority(scene):
    if gone := scene.some(Authority.objects.filter(region=MADE, successions=None, codes=None)):
        gone.delete()


@edits("authorities", *SERVICE)
def code_of_authority(scene):
    if of := scene.some(Authority.objects.filter(region=MADE)):
        turned(AuthorityCode.objects.filter(authority=of), lambda: AuthorityCode.objects.create(
            authority=of, ons_code=f"E09{scene.number():06}", starts_on=BEGINS))  # fmt: skip


@edits("authorities", *SERVICE)
def predecessor_of_authority(scene):
    if gone := scene.some(Authority.objects.filter(region=MADE)):
        bexley = Authority.objects.get(slug="bexley")
        turned(AuthoritySuccession.objects.filter(predecessor=gone),
               lambda: AuthoritySuccession.objects.create(predecessor=gone, successor=bexley))  # fmt: skip


# frameworks, lots and price lines


@edits("frameworks", *LEADS)
def add_framework(scene):
    Framework.objects.create(reference=f"X-{scene.number()}", name=MADE, kind="framework", starts_on=BEGINS,
                             lead_authority=scene.authority)  # fmt: skip


@edits("frameworks", *LEADS)
def change_framework(scene):
    Framework.objects.filter(pk=scene.place.framework.pk).update(note=f"Note {scene.number()}")


@edits("frameworks", *LEADS)
def remove_framework(scene):
    if gone := scene.some(Framework.objects.filter(name=MADE, lead_authority=scene.authority)):
        gone.delete()


@edits("frameworks", *LEADS)
def begin_framework(scene):
    """Who took part from its first day then takes part for a time only, or the other way about."""
    now = Framework.objects.get(pk=scene.place.framework.pk)
    now.starts_on = BEGINS if now.starts_on != BEGINS else BEGINS - timedelta(days=30)
    now.save()


@edits("frameworks", *LEADS)
def extend_framework(scene):
    Extension.objects.filter(framework=scene.place.framework).update(taken_on=scene.day())


@edits("frameworks", *LEADS)
def event_of_framework(scene):
    turned(FrameworkEvent.objects.filter(framework=scene.place.framework, note=MADE),
           lambda: FrameworkEvent.objects.create(framework=scene.place.framework, kind="reopening", note=MADE,
                                                 happens_on=scene.day()))  # fmt: skip


@edits("frameworks", *LEADS)
def take_part(scene):
    """Greenwich's participation ends and begins again."""
    greenwich = scene.authorities["greenwich"]
    turned(Participation.objects.filter(framework=scene.place.framework, authority=greenwich),
           lambda: Participation.objects.create(framework=scene.place.framework, authority=greenwich,
                                                starts_on=scene.day()))  # fmt: skip


@edits("lots", *LEADS)
def add_lot(scene):
    Lot.objects.create(framework=scene.place.framework, number=str(scene.number()), name=MADE,
                       service_type="residential")  # fmt: skip


@edits("lots", *LEADS)
def change_lot(scene):
    Lot.objects.filter(pk=scene.place.lot.pk).update(specification=f"Specification {scene.number()}")


@edits("lots", *LEADS)
def remove_lot(scene):
    if gone := scene.some(Lot.objects.filter(framework=scene.place.framework, name=MADE)):
        gone.delete()


@edits("frameworks", *LEADS)
def rename_framework(scene):
    Framework.objects.filter(pk=scene.place.framework.pk).update(reference=f"{scene.who} {scene.number()}")


@edits("lots", *LEADS)
def renumber_lot(scene):
    Lot.objects.filter(pk=scene.place.lot.pk).update(number=f"1-{scene.number()}")


@edits("price-lines", *LEADS)
def add_price_line(scene):
    n = scene.number()
    PriceLine.objects.create(framework=scene.place.framework, lot=scene.place.lot, position=n, code=f"X{n}", name=MADE)


@edits("price-lines", *LEADS)
def change_price_line(scene):
    scene.place.lot.price_lines.filter(code="L1").update(includes=f"Included {scene.number()}")


@edits("price-lines", *LEADS)
def remove_price_line(scene):
    if gone := scene.some(PriceLine.objects.filter(lot=scene.place.lot, name=MADE, rates=None)):
        gone.delete()


@edits("price-lines", *LEADS)
def recode_price_line(scene):
    n = scene.number()
    scene.place.lot.price_lines.filter(code__startswith="L2").update(code=f"L2-{n}", unit=f"{('week', 'night')[n % 2]}")


# providers and homes


@edits("providers", *SERVICE)
def add_provider(scene):
    n = scene.number()
    Provider.objects.create(name=f"{MADE} {n}", folded_name=f"made {n}", sector="private")


@edits("providers", *SERVICE)
def change_provider(scene):
    Provider.objects.filter(pk=scene.market.birch.pk).update(charity_number=str(1_000_000 + scene.number()))


@edits("providers", *SERVICE)
def remove_provider(scene):
    if gone := scene.some(Provider.objects.filter(name__startswith=MADE, awards=None)):
        gone.delete()


@edits("providers", *SERVICE)
def alias_of_provider(scene):
    n = scene.number()
    turned(
        Alias.objects.filter(provider=scene.market.birch),
        lambda: Alias.objects.create(provider=scene.market.birch, name=f"Birch {n}", folded_name=f"birch {n}"),
    )


@edits("providers", *SERVICE)
def owner_of_provider(scene):
    of = Ownership.objects.filter(provider=scene.market.birch, owned=scene.market.alder)
    if of.exists() and scene.random.random() < 0.5:
        of.update(starts_on=scene.day())
    else:
        turned(of, lambda: Ownership.objects.create(provider=scene.market.birch, owned=scene.market.alder))


@edits("providers", *SERVICE)
def rename_provider(scene):
    for provider in (scene.market.alder, scene.market.birch):
        Provider.objects.filter(pk=provider.pk).update(name=f"Renamed {scene.number()}")


@edits("authorities", *SERVICE)
def rename_authority(scene):
    """Its name and its newest code stand in other lists."""
    for authority in scene.authorities.values():
        n = scene.number()
        Authority.objects.filter(pk=authority.pk).update(name=f"{authority.name} {n}")
        AuthorityCode.objects.filter(authority=authority).update(ons_code=f"E10{n:06}")


@edits("establishments", *OWN)
def add_establishment(scene):
    n = scene.number()
    Establishment.objects.create(urn=f"SC{n:06}", kind="childrens_home", provider=scene.market.birch, region=MADE,
                                 area=scene.authority)  # fmt: skip


@edits("establishments", *OWN)
def change_establishment(scene):
    Establishment.objects.filter(pk=scene.market.agency.pk).update(places=scene.number())


@edits("establishments", *OWN)
def remove_establishment(scene):
    if gone := scene.some(Establishment.objects.filter(region=MADE, area=scene.authority)):
        gone.delete()


@edits("premises", *OWN)
def add_premises(scene):
    Premises.objects.create(establishment=scene.market.agency, provider=scene.market.alder, category=1, name=MADE,
                            ordinal=scene.number(), area=scene.authority)  # fmt: skip


@edits("premises", *OWN)
def change_premises(scene):
    Premises.objects.filter(area=scene.authority).update(left_on=scene.day())


@edits("premises", *OWN)
def remove_premises(scene):
    if gone := scene.some(Premises.objects.filter(name=MADE, area=scene.authority)):
        gone.delete()


# awards and rates


@edits("awards", *LEADS)
def add_award(scene):
    n = scene.number()
    with_place = Provider.objects.create(name=f"{MADE} {n}", folded_name=f"made {n}")
    made = Award.objects.create(framework=scene.place.framework, lot=scene.place.lot, provider=with_place, rank=n,
                                starts_on=scene.day())  # fmt: skip
    charge(scene.place, made, scene.place.lines[0], n, starts_on=made.starts_on)


@edits("awards", *LEADS)
def change_award(scene):
    """Of Alder: what it is called off from says when it ends."""
    Award.objects.filter(lot=scene.place.lot, provider=scene.market.alder).update(
        rank=scene.number(), ends_before=date(2027, 4, 1) + timedelta(days=scene.random.randrange(300))
    )


@edits("awards", *LEADS)
def remove_award(scene):
    if gone := scene.some(Award.objects.filter(lot=scene.place.lot, provider__name__startswith=MADE)):
        gone.rates.all().delete()
        gone.delete()


@edits("rates", *LEADS)
def add_rate(scene):
    n = scene.number()
    line = PriceLine.objects.create(framework=scene.place.framework, lot=scene.place.lot, position=n, code=f"R{n}",
                                    name=MADE)  # fmt: skip
    begins = scene.day()
    charge(scene.place, Award.objects.get(lot=scene.place.lot, provider=scene.market.birch), line, n, begins,
           ends_before=scene.random.choice((None, begins + timedelta(days=30))))  # fmt: skip


@edits("rates", *LEADS)
def change_rate(scene):
    if changed := scene.some(Rate.objects.filter(lot=scene.place.lot)):
        changed.amount = Decimal(scene.number())
        changed.save()


@edits("rates", *LEADS)
def move_rate(scene):
    """It may move out of a filter, and out of what an authority takes part in."""
    if moved := scene.some(Rate.objects.filter(lot=scene.place.lot, price_line__name=MADE)):
        moved.starts_on = scene.day()
        moved.ends_before = scene.random.choice((None, moved.starts_on + timedelta(days=20)))
        moved.save()


@edits("rates", *LEADS)
def remove_rate(scene):
    if gone := scene.some(Rate.objects.filter(lot=scene.place.lot, price_line__name=MADE)):
        gone.delete()


# KPIs


def thresholds(scene):
    return {"target": 95, "approaching": 90 - scene.random.randrange(5), "improvement": 80}


@edits("kpis", *OWN)
def add_kpi(scene):
    Kpi.objects.create(code=f"k{scene.number()}", name=f"{MADE} {scene.who}", numerator="Children")


@edits("kpis", *OWN)
def retire_kpi(scene):
    if changed := scene.some(Kpi.objects.filter(name=f"{MADE} {scene.who}")):
        changed.retired_on = scene.day()
        changed.save()


@edits("kpis", *OWN)
def remove_kpi(scene):
    if gone := scene.some(Kpi.objects.filter(name=f"{MADE} {scene.who}", lots=None, contracts=None)):
        gone.delete()


@edits("kpis", "lewisham")
def expect_kpi(scene):
    of = LotKpi.objects.filter(lot=scene.place.lot)
    if of.exists() and scene.random.random() < 0.5:
        of.update(due_days=scene.random.randrange(10, 60))
    else:
        turned(of, lambda: LotKpi.objects.create(framework=scene.place.framework, lot=scene.place.lot,
                                                 kpi=Kpi.objects.get(code="activity"), starts_on=BEGINS,
                                                 **thresholds(scene)))  # fmt: skip


@edits("kpis", "southwark")
def agree_with_contract(scene):
    ContractKpi.objects.filter(lot=scene.place.lot, due_days=None).update(**thresholds(scene))


def _period(n):
    begins = date(2030, 1, 1) + timedelta(days=100 * n)
    return {"starts_on": begins, "ends_before": begins + timedelta(days=90)}


def _of_contract(scene):
    award = Award.objects.get(lot=scene.place.lot, provider=scene.market.alder)
    return {"framework": scene.place.framework, "lot": scene.place.lot, "award": award, "provider": scene.market.alder}


@edits("kpi-returns", "southwark")
def add_return(scene):
    expected = LotKpi.objects.filter(lot=scene.place.lot).first()
    KpiReturn.objects.create(
        **_of_contract(scene), **_period(scene.number()), lot_kpi=expected, numerator=18, denominator=20,
        value=90, rating="approaching", sent_at=timezone.now(), narrative=MADE,
    )  # fmt: skip


@edits("kpi-returns", "southwark")
def change_return(scene):
    if changed := scene.some(KpiReturn.objects.filter(contract_kpi=None)):
        changed.numerator, changed.value, changed.rating = 19, 95, "good"
        changed.save()


@edits("kpi-returns", "southwark")
def check_return(scene):
    if of := scene.some(KpiReturn.objects.filter(contract_kpi=None)):
        KpiCheck.objects.create(
            **_of_contract(scene), kpi_return=of, starts_on=of.starts_on, ends_before=of.ends_before,
            return_version=of.version, outcome=scene.random.choice(("queried", "disputed")),
            words=f"Words {scene.number()}", checked_at=timezone.now(),
        )  # fmt: skip


@edits("kpi-returns", "southwark")
def remove_return(scene):
    if gone := scene.some(KpiReturn.objects.filter(narrative=MADE)):
        KpiCheck.objects.filter(kpi_return=gone).delete()
        gone.delete()


# searches and homes


@edits("referrals", *OWN)
def add_referral(scene):
    made = Referral.objects.create(
        authority=scene.authority, number=scene.number(), child=child_of(scene.authority), opened_at=timezone.now(),
        needed_by=scene.day(), urgency="planned", in_house_tried="no", service_type="residential", chosen_why=MADE,
    )  # fmt: skip
    _ask(scene, made, scene.market.birch)


def _ask(scene, referral, provider):
    Offer.objects.create(
        authority=scene.authority, referral=referral, provider=provider, service_type="residential",
        urgency="planned", needed_by=referral.needed_by, asked_at=timezone.now(),
    )  # fmt: skip


@edits("referrals", *OWN)
def close_or_open_referral(scene):
    if of := scene.some(Referral.objects.filter(authority=scene.authority, placements=None)):
        if of.outcome:
            reopen_referral(referral=of, version=of.version, reason="It goes on", by=BY)
        else:
            close_referral(referral=of, version=of.version, outcome="in_house", by=BY, now=timezone.now())


@edits("referrals", *OWN)
def answer_offer(scene):
    if of := scene.some(Offer.objects.filter(authority=scene.authority, chosen=False)):
        record_answer(offer=of, version=of.version, answer="offered", answered_at=timezone.now(), by=BY,
                      now=timezone.now(), weekly_amount=Decimal(scene.number()), suitable=True)  # fmt: skip


@edits("referrals", *OWN)
def offer_comes_or_goes(scene):
    turned(Offer.objects.filter(referral=scene.bought.referral, provider=scene.market.birch),
           lambda: _ask(scene, scene.bought.referral, scene.market.birch))  # fmt: skip


@edits("referrals", *OWN)
def remove_referral(scene):
    if gone := scene.some(Referral.objects.filter(authority=scene.authority, placements=None)):
        gone.delete()


@edits("placements", *OWN)
def add_placement(scene):
    spot_placement(child_of(scene.authority), starts_on=scene.day(), provider=scene.market.birch, host_area=MADE)


@edits("placements", *OWN)
def change_home(scene):
    if of := scene.some(Placement.objects.filter(authority=scene.authority, provider=scene.market.birch)):
        change_placement(placement=of, version=of.version, by=BY, today=TODAY, registration="registered",
                         reference=f"P-{scene.number()}", solo=True)  # fmt: skip


@edits("placements", *OWN)
def end_home(scene):
    if of := scene.some(Placement.objects.filter(authority=scene.authority, provider=scene.market.birch)):
        of.ends_before = of.starts_on + timedelta(days=scene.random.randrange(1, 300))
        of.save()


@edits("placements", *OWN)
def remove_placement(scene):
    if gone := scene.some(Placement.objects.filter(authority=scene.authority, host_area=MADE, costlines=None)):
        gone.delete()


def _of_home(scene):
    return {"authority": scene.authority, "placement": scene.bought.placement}


@edits("placements", *OWN)
def oversight_of_home(scene):
    rows = Oversight.objects.filter(**_of_home(scene))
    turned(rows.filter(kind="deprivation_of_liberty"), lambda: Oversight.objects.create(
        **_of_home(scene), kind="deprivation_of_liberty", starts_on=scene.day(), why="SECRET", approved_by="a court",
        approved_on=BEGINS))  # fmt: skip
    rows.filter(kind="unregistered").update(last_visited_on=scene.day())


@edits("placements", *OWN)
def distance_of_home(scene):
    turned(DistanceApproval.objects.filter(**_of_home(scene)), lambda: DistanceApproval.objects.create(
        **_of_home(scene), reason="safeguarding", host_told_on=scene.day()))  # fmt: skip


@edits("placements", *OWN)
def meeting_of_home(scene):
    turned(
        PlacementMeeting.objects.filter(**_of_home(scene), kind="stability"),
        lambda: PlacementMeeting.objects.create(**_of_home(scene), kind="stability", due_on=scene.day()),
    )
    PlacementMeeting.objects.filter(**_of_home(scene), kind="planning").update(held_on=scene.day())


@edits("placements", *OWN)
def child_at_home(scene):
    Child.objects.filter(pk=scene.bought.child.pk).update(ethnicity=scene.random.choice(("BCRB", "MWBC", "WBRI")))


@edits("placements", *OWN)
def care_status_of_child(scene):
    of = {"authority": scene.authority, "child": scene.bought.child}
    turned(CareStatus.objects.filter(**of), lambda: CareStatus.objects.create(
        **of, status="looked_after", legal_status="C2", starts_on=BEGINS))  # fmt: skip


@edits("agreements", *OWN)
def agree_anew(scene):
    """A version is never changed or removed."""
    AgreementVersion.objects.create(
        **_of_home(scene), number=scene.number(), agreed_on=BEGINS, starts_on=scene.bought.placement.starts_on,
        notice_days=28, price_agreed="4200.35", included=["rent"], staying_put_absence="SECRET words",
    )  # fmt: skip


@edits("agreements", *OWN)
def benefit_of_agreement(scene):
    rows = Benefit.objects.filter(**_of_home(scene), kind="cashable")
    if rows.exists() and scene.random.random() < 0.5:
        rows.update(weekly_amount=scene.number())
    else:
        turned(
            rows,
            lambda: Benefit.objects.create(
                **_of_home(scene),
                agreement=scene.bought.agreement,
                kind="cashable",
                weekly_amount="30",
                starts_on=BEGINS,
            ),
        )


@edits("cost-lines", *OWN)
def add_line(scene):
    begins = max(scene.day(), date(2025, 7, 1))
    add_cost_line(
        placement=scene.bought.placement, amount=Decimal(scene.number()), starts_on=begins,
        ends_before=begins + timedelta(days=90),
        category="additional", service="therapy", description=MADE, approved_by="a panel", approved_on=BEGINS,
        review_on=begins + timedelta(days=30), by=BY,
    )  # fmt: skip


@edits("cost-lines", *OWN)
def end_or_put_right_line(scene):
    if of := scene.some(CostLine.objects.filter(authority=scene.authority, description=MADE)):
        if scene.random.random() < 0.5:
            end_cost_line(line=of, ends_before=of.ends_before - timedelta(days=2), reason="It ends", by=BY)
        else:
            replace_cost_line(line=of, amount=Decimal(scene.number()), starts_on=of.starts_on, reason="Put right",
                              by=BY)  # fmt: skip


@edits("cost-lines", *OWN)
def remove_line(scene):
    if gone := scene.some(CostLine.objects.filter(authority=scene.authority, description=MADE)):
        FundingSplit.objects.filter(cost_line=gone).delete()
        gone.delete()


@edits("funding-splits", *OWN)
def fund_line(scene):
    """The parts change; one funder comes or goes."""
    line = CostLine.objects.get(pk=scene.bought.line.pk)
    health = Decimal(scene.random.randrange(0, 3)) * 100
    set_funding(line=line, by=BY, parts={
        "social_care": (line.weekly_amount - health, line.once_amount), "health": (health, Decimal(0)),
    })  # fmt: skip


@edits("spend", *OWN)
def price_of_home(scene):
    line = CostLine.objects.get(pk=scene.bought.extra.pk)
    replace_cost_line(line=line, amount=Decimal(scene.number()), starts_on=line.starts_on, reason="Put right", by=BY)


# shared figures


@edits("releases", *OWN)
def note_on_release(scene):
    Release.objects.filter(number=1).update(note=f"Note {scene.number()}")


@edits("releases", *OWN)
def add_or_change_release(scene):
    """One that could not be built, and is asked for again. A release is never removed."""
    waits = Release.objects.filter(state__in=("requested", "failed"), number__gte=100)
    if of := scene.some(waits):
        of.state, of.message = ("failed", "Nothing was bought") if of.state == "requested" else ("requested", "")
        of.save()
    else:
        Release.objects.create(number=scene.number(), as_at=date(2020, 3, 31), requested_by=scene.people[0],
                               requested_at=timezone.now())  # fmt: skip


def make_figures(scene, as_at, state="approved"):
    """A release with a figure of all, and one of a provider in each framework."""
    first, second = scene.people
    made = release_by(first, second, number=scene.number(), as_at=as_at, state=state)
    ours, theirs = scene.market.ours, scene.market.theirs
    figures(made, weekly("service", service_type="fostering"), *(
        weekly("provider_market", lot_id=place.lot.pk, provider_id=scene.market.alder.pk,
               framework_id=place.framework.pk) for place in (ours, theirs)
    ))  # fmt: skip
    return made


@edits("benchmarks", "")
def publish_or_withdraw(scene):
    """A newer release takes the place of the one before, or the newest is withdrawn."""
    first, second = scene.people
    with officer(scene.authorities["southwark"]):
        shown = Release.objects.filter(state="published").order_by("as_at")
        newest, older = shown.last(), shown.count()
    now = timezone.now()
    if older > 1 and scene.random.random() < 0.5:
        with officer(scene.authorities["southwark"]):
            withdraw_release(release=newest, by=first, now=now, why="One file was sent twice")
        return
    made = make_figures(scene, newest.as_at + timedelta(days=1))
    with officer(scene.authorities["southwark"]):
        publish_release(release=Release.objects.get(pk=made.pk), by=second, now=now)


# judgements, visits, actions


def _inspected(scene, **more):
    n = scene.number()
    return Inspection.objects.create(
        establishment=scene.market.agency, provider=scene.market.alder, event_number=f"{scene.who} {n}",
        event_type=MADE, scale="grades", overall="good", as_at=TODAY,
        **{"inspected_on": scene.day()} | more,
    )  # fmt: skip


@edits("inspections", *OWN)
def add_inspection(scene):
    _inspected(scene)


@edits("inspections", *OWN, *SERVICE)
def hear_or_confirm(scene):
    """Heard of; then a file tells of an inspection of that day, and what was heard is confirmed by it."""
    open_ = Inspection.objects.filter(heard_from=MADE, source_import=None)
    confirmed = Inspection.objects.exclude(source_import=None).values("inspected_on")
    if of := scene.some(open_.exclude(inspected_on__in=confirmed)):
        _inspected(scene, source_import=scene.market.run, inspected_on=of.inspected_on)
    else:
        _inspected(scene, heard_from=MADE, heard_at=timezone.now())


@edits("inspections", *OWN)
def change_inspection(scene):
    if of := scene.some(Inspection.objects.filter(event_number__startswith=scene.who)):
        of.overall, of.published_on = "outstanding", TODAY
        of.save()


@edits("inspections", *OWN)
def remove_inspection(scene):
    if gone := scene.some(Inspection.objects.filter(event_number__startswith=scene.who)):
        gone.delete()


@edits("visits", *OWN)
def plan_visit(scene):
    template = Visit.objects.filter(authority=scene.authority).first().template
    n = scene.number()
    Visit.objects.create(
        authority=scene.authority, provider=scene.market.alder, number=n, establishment=scene.market.agency,
        template=template, kind="site", state="planned", to_members=True, planned_on=scene.day(),
    )  # fmt: skip


def _draft(scene):
    return Visit.objects.get(authority=scene.authority, number=2)


@edits("visits", *OWN)
def write_finding(scene):
    """Not for others yet."""
    Finding.objects.create(authority=scene.authority, provider=scene.market.alder, visit=_draft(scene),
                           words=f"Finding {scene.number()}", found_at=timezone.now())  # fmt: skip


@edits("visits", *OWN)
def share_finding(scene):
    """Published, or found shareable after all."""
    if of := scene.some(Finding.objects.filter(visit=_draft(scene), marking="shareable", to_members=False)):
        Finding.objects.filter(pk=of.pk).update(to_provider=True, to_members=True)


@edits("visits", *OWN)
def remove_finding(scene):
    if of := scene.some(Finding.objects.filter(visit=_draft(scene), actions=None)):
        of.delete()


@edits("visits", *OWN)
def publish_visit(scene):
    visit = _draft(scene)
    for rows in (VisitReport.objects.filter(visit=visit), Answer.objects.filter(visit=visit)):
        rows.update(to_provider=True, to_members=True)
    Visit.objects.filter(pk=visit.pk).update(state="published", published_at=timezone.now())


@edits("visits", *OWN)
def word_visit(scene):
    visit = _draft(scene)
    VisitReport.objects.filter(visit=visit).update(summary=f"Summary {scene.number()}")
    Answer.objects.filter(visit=visit).update(note=f"Note {scene.number()}")


@edits("visits", *OWN)
def rely_on_visit(scene):
    visit = Visit.objects.get(authority=scene.other, number=1)
    if not stop_relying(visit=visit, by=BY):
        Reliance.objects.create(authority=scene.authority, visit=visit, relied_at=timezone.now())


@edits("visits", *OWN)
def remove_visit(scene):
    if gone := scene.some(Visit.objects.filter(authority=scene.authority, number__gte=100)):
        gone.delete()


@edits("actions", *OWN)
def add_action(scene):
    finding = Finding.objects.filter(visit__authority=scene.authority, visit__number=1, asks_action=True).first()
    ImprovementAction.objects.create(
        authority=scene.authority, provider=scene.market.alder, visit=finding.visit, finding=finding, owner=MADE,
        words=f"Action {scene.number()}", due_on=scene.day(),
    )  # fmt: skip


@edits("actions", *OWN)
def share_action(scene):
    if of := scene.some(ImprovementAction.objects.filter(authority=scene.authority, to_members=False)):
        ImprovementAction.objects.filter(pk=of.pk).update(to_provider=True, to_members=True)


@edits("actions", *OWN)
def change_action(scene):
    if of := scene.some(ImprovementAction.objects.filter(authority=scene.authority, owner=MADE)):
        of.due_on, of.state = scene.day(), "agreed"
        of.save()


@edits("actions", *OWN)
def remove_action(scene):
    if gone := scene.some(ImprovementAction.objects.filter(authority=scene.authority, owner=MADE)):
        gone.delete()


@edits("suspensions", *OWN)
def add_suspension(scene):
    Suspension.objects.create(authority=scene.authority, provider=scene.market.alder, reason="visit", words=MADE,
                              lifts_when="Doors lock", starts_on=scene.day())  # fmt: skip


@edits("suspensions", *OWN)
def lift_suspension(scene):
    if of := scene.some(Suspension.objects.filter(authority=scene.authority, words=MADE, lifted_on=None)):
        of.lifted_on, of.lifted_why = of.starts_on, "They lock"
        of.save()


@edits("suspensions", *OWN)
def decide_suspension(scene):
    of = Suspension.objects.exclude(words=MADE).filter(authority=scene.other).first()
    rows = Decision.objects.filter(suspension=of, authority=scene.authority)
    if rows.exists() and scene.random.random() < 0.5:
        rows.update(decision="not_follow", words=f"Words {scene.number()}")
    else:
        turned(rows, lambda: Decision.objects.create(suspension=of, authority=scene.authority, decision="follow",
                                                     decided_at=timezone.now()))  # fmt: skip


@edits("suspensions", *OWN)
def remove_suspension(scene):
    if gone := scene.some(Suspension.objects.filter(authority=scene.authority, words=MADE)):
        gone.delete()


@edits("notifiable-events", *OWN)
def add_event(scene):
    now = timezone.now()
    NotifiableEvent.objects.create(
        provider=scene.market.alder, establishment=scene.market.agency, rule="fostering_7", theme="police",
        reference=f"{scene.who} {scene.number()}", happened_at=now, received_at=now,
    )  # fmt: skip


@edits("notifiable-events", *OWN)
def close_event(scene):
    if of := scene.some(NotifiableEvent.objects.filter(reference__startswith=scene.who)):
        of.closed_on = scene.day()
        of.save()


@edits("notifiable-events", *OWN)
def tell_of_event(scene):
    """Its own notice alone comes, is acknowledged, and goes."""
    event = NotifiableEvent.objects.filter(reference="").order_by("pk").first()
    of = {"event": event, "authority": scene.authority, "provider": scene.market.alder}
    rows = EventNotice.objects.filter(**of)
    if rows.filter(acknowledged_at=None).exists():
        rows.update(acknowledged_at=timezone.now())
    else:
        turned(rows, lambda: EventNotice.objects.create(**of, words="HIDDEN event", told_at=timezone.now()))


@edits("notifiable-events", *OWN)
def remove_event(scene):
    if gone := scene.some(NotifiableEvent.objects.filter(reference__startswith=scene.who)):
        gone.delete()


@edits("imports", *OWN, *SERVICE)
def add_import(scene):
    n = scene.number()
    whose = None if scene.who == "service" else scene.authority
    ImportRun.objects.create(source="rates", file_name=f"{scene.who}-{n}.csv", sha256=f"{n:064}", authority=whose)


@edits("imports", *OWN, *SERVICE)
def change_import(scene):
    if of := scene.some(ImportRun.objects.filter(file_name__startswith=scene.who)):
        of.rows_read = of.rows_accepted = scene.number()
        of.state = "loaded"
        of.save()


@edits("imports", *OWN, *SERVICE)
def remove_import(scene):
    if gone := scene.some(ImportRun.objects.filter(file_name__startswith=scene.who)):
        gone.delete()


# worked out


@edits("outcomes", *OWN)
def answer_survey(scene):
    SurveyAnswer.objects.filter(authority=scene.authority, question__number=1).update(
        value=scene.random.randrange(1, 6)
    )


@edits("data-quality", *OWN)
def reference_of_placement(scene):
    Placement.objects.filter(pk=scene.bought.placement.pk).update(reference=f"P-{scene.number()}")


@edits("ocds", *LEADS)
def award_is_told(scene):
    FrameworkEvent.objects.filter(framework=scene.place.framework, kind="award").update(happens_on=scene.day())
