"""KPIs for tests: the first definitions, a lot that expects some of them, and what providers return, by the actions.
The clock is the caller's."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_kpis import load_kpis
from commissioning.partnership.actions.load_statements import load_statements
from commissioning.partnership.models import Kpi, Lot, LotKpi
from providers.actions.award_place import award_place
from providers.models import Award
from quality.actions.contract_kpi import agree_alone
from quality.actions.expect_kpi import expect_kpi
from quality.actions.return_kpis import Entry, return_kpis
from quality.models import ContractKpi, KpiReturn

BY = "service:tests"
SINCE = date(2024, 4, 1)
HIGH = ("95", "90", "80")
LOW = ("5", "10", "20")


def own(authority: Any):
    return acting_as(Viewer.of_authority(getattr(authority, "pk", authority)), by=BY)


def of(provider: Any):
    return acting_as(Viewer.of_provider(getattr(provider, "pk", provider)), by=BY)


def with_kpis() -> None:
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_statements()
        load_kpis()


def expected(lot: Lot, code: str, *, starts_on: date = SINCE, due_days: int = 21, edges: Any = None) -> LotKpi:
    """Inside the lead's door."""
    kpi = Kpi.objects.in_use().get(code=code)
    target, approaching, improvement = (Decimal(each) for each in edges or (HIGH if kpi.good == "high" else LOW))
    return expect_kpi(
        lot=lot, kpi=kpi, target=target, approaching=approaching, improvement=improvement, due_days=due_days,
        starts_on=starts_on, by=BY,
    )  # fmt: skip


def agreed_alone(
    award: Award, code: str, *, starts_on: date = SINCE, ends_before: date | None = None, due_days: int = 21,
    edges: Any = None,
) -> ContractKpi:  # fmt: skip
    """Inside the lead's door."""
    kpi = Kpi.objects.in_use().get(code=code)
    target, approaching, improvement = (Decimal(each) for each in edges or (HIGH if kpi.good == "high" else LOW))
    return agree_alone(
        award=award, kpi=kpi, target=target, approaching=approaching, improvement=improvement, due_days=due_days,
        starts_on=starts_on, ends_before=ends_before, by=BY, reason="Of this home alone",
    )  # fmt: skip


def on_lot(cast: Any, provider: Any = None, starts_on: date = SINCE) -> Award:
    """Alder's place on the lot of the framework that Southwark leads."""
    provider = provider or cast.provider
    lot = cast.world.lot(cast.world.shared)
    with own(cast.authority):
        found = Award.objects.filter(lot=lot, provider=provider).first()
        return found or award_place(lot=lot, provider=provider, starts_on=starts_on, by=BY)


def returned(
    award: Award, code: str, ends_before: date, numerator: Any, denominator: Any = None, *, narrative: str = "",
    on: date | None = None, establishment: Any = None, by: Any = BY,
) -> KpiReturn:  # fmt: skip
    """As the provider sends it, on the tenth day after the period unless said otherwise."""
    on = on or ends_before + timedelta(days=9)
    last = ends_before - timedelta(days=1)
    with of(award.provider_id):
        row = LotKpi.objects.select_related("kpi").filter(lot=award.lot_id, kpi__code=code, starts_on__lte=last)
        alone = ContractKpi.objects.select_related("kpi").exclude(due_days=None).filter(award=award, kpi__code=code)
        entry = Entry(
            row.exclude(ends_before__lte=last).first() or alone.get(), establishment, Decimal(str(numerator)),
            None if denominator is None else Decimal(str(denominator)), narrative,
        )  # fmt: skip
        now = timezone.make_aware(datetime.combine(on, time(9)))
        return return_kpis(award=award, ends_before=ends_before, entries=[entry], by=by, now=now, today=on)[0]
