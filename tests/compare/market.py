"""A market for tests of shared figures: authorities that take part in one framework, its lots and providers, and homes
bought at prices that the caller chooses. By the production actions; each is committed where nothing is open.

    market = open_market(providers=2)
    for authority in market.authorities:
        market.buy(authority, ["800.00", "820.00"], provider="Provider 1")
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_authorities import load_authorities
from commissioning.partnership.models import Authority, Framework, Lot, Participation, PriceLine, User
from contracts.actions.children import add_child
from contracts.actions.cost_lines import add_cost_line
from contracts.actions.placements import record_placement
from contracts.actions.referrals import open_referral
from contracts.models import Offer, Placement
from providers.actions.award_place import award_place
from providers.models import Award, Provider
from providers.rules.names import fold

BY = "service:tests"
TODAY = date(2026, 4, 20)
AS_AT = date(2026, 3, 31)  # the last quarter that is over
BEGINS = date(2024, 4, 1)
STARTS_ON = date(2025, 6, 2)
BORN_ON = date(2018, 5, 17)  # seven on AS_AT
BOROUGHS = ("southwark", "lewisham", "lambeth", "greenwich", "bexley", "bromley", "croydon")


@dataclass
class Market:
    """Each by its name: authorities by slug, lots by number, awards by (lot, provider), people by (authority, role)."""

    authorities: dict[str, Authority]
    framework: Framework = None
    lots: dict[str, Lot] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    awards: dict[tuple[str, str], Award] = field(default_factory=dict)
    people: dict[tuple[str, str], User] = field(default_factory=dict)

    def acting(self, authority: str) -> AbstractContextManager[Any]:
        return acting_as(Viewer.of_authority(self.authorities[authority].pk), by=BY)

    def person(self, authority: str, role: str = "commissioning_officer", name: str = "") -> User:
        """Made when first asked for; another `name` is another person."""
        key = (authority, f"{role} {name}".strip())
        if key not in self.people:
            with acting_as(Viewer.of_service("tests"), by=BY):
                self.people[key] = User.objects.create_user(
                    f"{name or role}@{authority}.test", name=f"{name or role} {authority}", role=role,
                    authority=self.authorities[authority],
                )  # fmt: skip
        return self.people[key]

    def buy(
        self, authority: str, prices: Iterable[str], *, provider: str = "Provider 1", lot: str = "1",
        line: str = "CORE", starts_on: date = STARTS_ON, ends_before: date | None = None, born_on: date = BORN_ON,
        level: str = "", additional: str = "", **facts: Any,
    ) -> list[Placement]:  # fmt: skip
        """A child and a home of its own for each price a week, called off from the provider's place on the lot.
        `additional`: pounds a week of an additional service in each."""
        award = self.awards[lot, provider]
        facts = {"service_type": award.lot.service_type, "registration": "registered"} | facts
        return self._homes(
            authority, prices, starts_on, ends_before, born_on, additional,
            line, award=award, level=level, **facts,
        )  # fmt: skip

    def buy_spot(
        self, authority: str, prices: Iterable[str], *, provider: str = "Provider 1", service_type: str = "residential",
        starts_on: date = STARTS_ON, ends_before: date | None = None, born_on: date = BORN_ON, additional: str = "",
        **facts: Any,
    ) -> list[Placement]:  # fmt: skip
        """The same outside every framework; `provider` "" for one that is not recorded (give provider_name=)."""
        facts = {"spot_reason": "specialist", "registration": "registered", "service_type": service_type} | facts
        if provider:
            facts["provider"] = self.providers[provider]
        return self._homes(authority, prices, starts_on, ends_before, born_on, additional, "", **facts)

    def _homes(
        self, authority: str, prices: Iterable[str], starts_on: date, ends_before: date | None, born_on: date,
        additional: str, code: str, **facts: Any,
    ) -> list[Placement]:  # fmt: skip
        made = []
        with self.acting(authority):
            line = PriceLine.objects.get(lot=facts["award"].lot, code=code) if code else None
            for price in prices:
                child = add_child(authority=self.authorities[authority], by=BY, today=TODAY, born_on=born_on)
                home = record_placement(
                    child=child, starts_on=starts_on, ends_before=ends_before, by=BY, today=TODAY, **facts
                )
                add_cost_line(placement=home, amount=Decimal(price), starts_on=starts_on, by=BY, price_line=line)
                if additional:
                    until = ends_before or starts_on + timedelta(days=730)
                    add_cost_line(
                        placement=home, amount=Decimal(additional), starts_on=starts_on, by=BY, category="additional",
                        approved_by="Panel", approved_on=starts_on, ends_before=until, review_on=until,
                    )  # fmt: skip
                made.append(home)
        return made

    def search(
        self, authority: str, asked: Sequence[str], *, asked_at: datetime, hours: int | None = None, answer: str = "",
        service_type: str = "fostering",
    ) -> list[Offer]:  # fmt: skip
        """One child's search: who was asked, and, all alike, after how many hours they answered what."""
        with self.acting(authority):
            child = add_child(authority=self.authorities[authority], by=BY, today=TODAY, born_on=BORN_ON)
            found = open_referral(
                child=child, needed_by=asked_at.date(), urgency="planned", in_house_tried="no",
                service_type=service_type, providers=[self.providers[name] for name in asked], by=BY, now=asked_at,
            )  # fmt: skip
            if hours is not None:
                Offer.objects.filter(referral=found).update(
                    answered_at=asked_at + timedelta(hours=hours), answer=answer
                )
            return list(Offer.objects.filter(referral=found))


def open_market(
    authorities: Sequence[str] = BOROUGHS, *, providers: int = 3, lots: Sequence[str] = ("1",),
    service_type: str = "fostering", leavers: Iterable[str] = (), outsiders: Iterable[str] = (),
) -> Market:  # fmt: skip
    """The first authority leads a framework in which the others take part; each provider has a place on each lot.

    `leavers` took part until the end of 2024, `outsiders` never: members of the partnership all the same.
    """
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_authorities()
        Authority.objects.filter(slug__in=authorities).update(member_from=date(2012, 4, 1))
        found = {each.slug: each for each in Authority.objects.filter(slug__in=authorities)}
        market = Market({slug: found[slug] for slug in authorities})
        for number in range(1, providers + 1):
            name = f"Provider {number}"
            market.providers[name] = Provider.objects.create(name=name, folded_name=fold(name))
    with market.acting(authorities[0]):
        market.framework = Framework.objects.create(
            reference="MARKET", name="Framework of the market", kind="framework", starts_on=BEGINS,
            lead_authority=market.authorities[authorities[0]], ends_before=date(2028, 4, 1),
        )  # fmt: skip
        for slug in authorities:
            if slug not in outsiders:
                Participation.objects.create(
                    framework=market.framework, authority=market.authorities[slug], starts_on=BEGINS,
                    ends_before=date(2025, 1, 1) if slug in leavers else None,
                )  # fmt: skip
        for number in lots:
            lot = market.lots[number] = Lot.objects.create(
                framework=market.framework, number=number, name=f"Lot {number}", service_type=service_type
            )
            PriceLine.objects.create(framework=market.framework, lot=lot, position=0, code="CORE", name="Core")
            for name, provider in market.providers.items():
                market.awards[number, name] = award_place(lot=lot, provider=provider, starts_on=BEGINS, by=BY, tier=1)
    return market
