"""A framework with many providers, invented, as a regional market has them. Southwark leads, Lewisham takes part."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, Framework, Lot, Participation, PriceLine
from providers.models import Award, Establishment, EstablishmentRecord, Provider
from providers.rules.names import fold
from quality.models import Inspection
from tests.bench.bare import BY

NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
BEGINS = date(2020, 4, 1)
LISTED = date(2025, 3, 31)
GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
SERVICE = Viewer.of_service("bench")


@dataclass
class Market:
    lead: Authority
    framework: Framework
    lot: Lot
    lines: list[PriceLine]
    providers: list[Provider]

    @property
    def viewer(self) -> Viewer:
        return Viewer.of_authority(self.lead.pk)


def build(*, providers: int, lines: int) -> Market:
    """Every provider with a place on the lot; no rates yet."""
    with acting_as(SERVICE, by=BY):
        lead, other = (Authority.objects.get(slug=slug) for slug in ("southwark", "lewisham"))
        for authority in (lead, other):
            authority.member_from = BEGINS
            authority.save(update_fields=["member_from"])
        names = [f"Invented Provider {number} Ltd" for number in range(1, providers + 1)]
        Provider.objects.bulk_create(
            Provider(name=name, folded_name=fold(name), company_number=f"{90000000 + number:08d}", sector="private")
            for number, name in enumerate(names)
        )
        everyone = list(Provider.objects.order_by("pk"))
    with acting_as(Viewer.of_authority(lead.pk), by=BY):
        framework = Framework.objects.create(
            reference="BENCH", name="Fostering framework of the benchmarks", kind="framework", lead_authority=lead,
            starts_on=BEGINS, ends_before=date(2028, 4, 1),
        )  # fmt: skip
        for authority in (lead, other):
            Participation.objects.create(framework=framework, authority=authority, starts_on=BEGINS)
        lot = Lot.objects.create(framework=framework, number="1", name="General", service_type="fostering")
        PriceLine.objects.bulk_create(
            PriceLine(
                framework=framework, lot=lot, position=n, code=f"L{n:02d}", name=f"Core {n}", age_from=n, age_to=n + 1,
                level="standard",
            )
            for n in range(lines)
        )  # fmt: skip
        Award.objects.bulk_create(
            Award(framework=framework, lot=lot, provider=each, tier=1 + n % 3, starts_on=BEGINS)
            for n, each in enumerate(everyone)
        )
        return Market(lead, framework, lot, list(PriceLine.objects.order_by("position")), everyone)


def price(market: Market, *, periods: int, months: int) -> int:
    """`periods` rates for each place and line, each of so many months, the last one open. Returns how many."""
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO providers_rate (award_id, price_line_id, framework_id, lot_id, provider_id, amount,
                    starts_on, ends_before)
               SELECT w.id, l.id, w.framework_id, w.lot_id, w.provider_id,
                    600 + (w.provider_id %% 97) * 5 + l.position * 40 + n * 3.25,
                    (%(today)s::date - make_interval(months => (%(periods)s - n) * %(months)s - 1))::date,
                    CASE WHEN n < %(periods)s - 1 THEN
                        (%(today)s::date - make_interval(months => (%(periods)s - n - 1) * %(months)s - 1))::date END
               FROM providers_award w JOIN partnership_priceline l USING (lot_id)
               CROSS JOIN generate_series(0, %(periods)s - 1) n
               WHERE w.framework_id = %(framework)s ORDER BY w.id, l.id, n""",
            {"periods": periods, "months": months, "framework": market.framework.pk, "today": date(2026, 4, 1)},
        )
        return cursor.rowcount


def judge(market: Market) -> None:
    """A listed agency for each provider, three of four inspected."""
    with acting_as(SERVICE, by=BY):
        about = {
            "kind": "fostering_agency",
            "status": "Active",
            "area_name": "Southwark",
            "sector": "private",
            "places": 12,
        }
        homes = Establishment.objects.bulk_create(
            Establishment(urn=f"SC{n:06d}", provider=each, listed_at=LISTED, **about)
            for n, each in enumerate(market.providers)
        )
        EstablishmentRecord.objects.bulk_create(
            EstablishmentRecord(establishment=home, provider_id=home.provider_id, as_at=LISTED, **about)
            for home in homes
        )
        Inspection.objects.bulk_create(
            Inspection(
                establishment=home, provider_id=home.provider_id, event_number=str(10_000 + n), as_at=LISTED,
                scale="grades", inspected_on=date(2024, 1 + n % 12, 5), overall=GRADES[n % 4],
            )
            for n, home in enumerate(homes)
            if n % 4
        )  # fmt: skip
