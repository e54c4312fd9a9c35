"""Returns that are asked for: for each provider on a lot, KPI and period, what came and how it stands.

What runs on the last day of a period is asked for the whole of it: the lot's expectation, or what is agreed with one
contract alone, and the provider's place. A reader sees the periods in which it takes part in the framework; a
provider's contact, its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import current_viewer
from commissioning.partnership.models import Lot, LotKpi, Participation
from providers.models import Award

from ..models import AskedBy, Expected, KpiCheck, KpiReturn, asked_by
from ..rules import kpi_periods
from ..rules.kpi_standing import state_of, unreturned, worst
from .contract_kpis import Held, own_targets

PERIODS = 8  # quarters that pages look back
CODE = Coalesce(F("lot_kpi__kpi__code"), F("contract_kpi__kpi__code"))


@dataclass(frozen=True)
class Slot:
    """One return that is asked for. `returned` is the whole provider's; `homes` are those of single establishments."""

    award: Award
    expected: Expected
    starts_on: date
    ends_before: date
    today: date
    held: Held  # what the contract is held to
    returned: KpiReturn | None = None
    homes: tuple[KpiReturn, ...] = ()
    checks: dict[int, KpiCheck] = field(default_factory=dict)

    @property
    def due_on(self) -> date:
        return kpi_periods.due_on(self.ends_before, self.expected.due_days or 0)

    def state_of(self, row: KpiReturn) -> str:
        check = self.checks.get(row.pk)
        return state_of(row.version, (check.return_version, check.outcome) if check else None)

    @property
    def state(self) -> str:
        """The worst of its rows'; where the whole provider's is not there, that it is not."""
        states = [self.state_of(row) for row in (self.returned, *self.homes) if row is not None]
        if self.returned is None:
            states.append(unreturned(self.ends_before, self.due_on, self.today))
        return worst(states)

    @property
    def late(self) -> bool:
        """Came after its day, or has not come though its day is past."""
        came = timezone.localdate(self.returned.sent_at) if self.returned else self.today
        return came > self.due_on

    @property
    def check(self) -> KpiCheck | None:
        return self.checks.get(self.returned.pk) if self.returned else None


def newest_checks(rows: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Return -> (the version that was checked, its outcome), of the newest check of each."""
    found = KpiCheck.objects.filter(kpi_return__in=list(rows)).order_by("pk")
    return {row: (version, outcome) for row, version, outcome in found.values_list(
        "kpi_return_id", "return_version", "outcome")}  # fmt: skip


def ratings_before(
    provider_id: int, expected: Sequence[Expected], ends_before: date
) -> dict[tuple[str, int | None], str]:  # fmt: skip
    """(code, establishment) -> the rating of the period before the one that ends then, in whichever version of the
    definition."""
    last = ends_before - timedelta(days=1)
    asked = {
        (row.lot_id, row.kpi.code): kpi_periods.before(row.kpi.period, kpi_periods.period_of(row.kpi.period, last)[0])[
            0
        ]
        for row in expected
    }
    rows = KpiReturn.objects.filter(
        provider=provider_id, lot__in={lot for lot, _ in asked}, starts_on__in=set(asked.values())
    )
    return {
        (code, home): rating
        for lot, code, home, begins, rating in rows.values_list(
            "lot_id", CODE, "establishment_id", "starts_on", "rating"
        )
        if asked.get((lot, code)) == begins
    }


def slots(lots: Any, *, after: date, until: date, today: date, provider: int | None = None) -> list[Slot]:
    """Of these lots, every return whose period's last day is from `after` to the day before `until`: by lot, provider,
    KPI and period. Six queries, whatever their number."""
    keys = [lot.pk for lot in lots] if not hasattr(lots, "values") else lots.values("pk")
    runs = Q(ends_before=None) | Q(ends_before__gt=after)
    expected: dict[int, list[LotKpi]] = defaultdict(list)
    rows = LotKpi.objects.filter(runs, lot__in=keys, starts_on__lt=until, kpi__formula="")
    for row in rows.select_related("kpi", "lot__framework").order_by("kpi__name", "starts_on"):
        expected[row.lot_id].append(row)
    awards = Award.objects.filter(runs, lot__in=keys, starts_on__lt=until)
    if provider is not None:
        awards = awards.filter(provider=provider)
    awards = awards.select_related("provider", "lot__framework")
    own, part = own_targets(keys, provider=provider), taking_part()
    returned = _returned(keys, after, until, provider)
    checks = _checks(keys, after, until, provider)
    spans = {kind: kpi_periods.ending_within(kind, after, until) for kind in kpi_periods.MONTHS}
    found = []
    for award in awards.order_by("lot__framework__name", "lot__number", "provider__name", "starts_on"):
        for each in sorted([*expected[award.lot_id], *own.alone_of(award.pk)], key=_by_name):
            for begins, ends in spans[each.kpi.period]:
                asked = not each.kpi.formula and _asked(award, each, ends)
                if not (asked and part(award.framework_id, begins, ends)):
                    continue
                came = returned.get((award.pk, asked_by(each), begins), [])
                found.append(Slot(
                    award, each, begins, ends, today,
                    own.held(award.lot_id, award.provider_id, each, ends - timedelta(days=1)),
                    next((row for row in came if row.establishment_id is None), None),
                    tuple(row for row in came if row.establishment_id is not None), checks,
                ))  # fmt: skip
    return found


def _by_name(expected: Expected) -> tuple[str, date]:
    return expected.kpi.name, expected.starts_on


def _asked(award: Award, expected: Expected, ends_before: date) -> bool:
    last = ends_before - timedelta(days=1)
    return all(
        row.starts_on <= last and (row.ends_before is None or row.ends_before > last) for row in (award, expected)
    )


def taking_part() -> Any:
    """Whether the viewer reads what is returned of a framework for a period."""
    viewer = current_viewer()
    if viewer.kind == "provider":
        return lambda framework, begins, ends: True
    parts: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for framework, begins, ends in Participation.objects.filter(authority=viewer.authority_id).values_list(
        "framework_id", "starts_on", "ends_before"
    ):
        parts[framework].append((begins, ends))
    return lambda framework, begins, ends: any(
        first < ends and (last is None or last > begins) for first, last in parts[framework]
    )


def _returned(keys: Any, after: date, until: date, provider: int | None) -> dict[tuple[int, AskedBy, date], list[Any]]:
    rows = KpiReturn.objects.filter(lot__in=keys, ends_before__gt=after, ends_before__lte=until)
    if provider is not None:
        rows = rows.filter(provider=provider)
    found: dict[tuple[int, AskedBy, date], list[Any]] = defaultdict(list)
    for row in rows.with_kpi().select_related("establishment", "framework", "provider").order_by("pk"):
        found[row.award_id, row.asked_by, row.starts_on].append(row)
    return found


def _checks(keys: Any, after: date, until: date, provider: int | None) -> dict[int, KpiCheck]:
    rows = KpiCheck.objects.filter(lot__in=keys, ends_before__gt=after, ends_before__lte=until)
    if provider is not None:
        rows = rows.filter(provider=provider)
    rows = rows.order_by("kpi_return_id", "-pk").distinct("kpi_return_id")
    return {row.kpi_return_id: row for row in rows}


def takes_part(lot: Lot) -> bool:
    """Whether the viewer reads anything of what is returned on the lot."""
    viewer = current_viewer()
    if viewer.kind == "provider":
        return True
    return Participation.objects.filter(framework=lot.framework_id, authority=viewer.authority_id).exists()


def expected_on() -> tuple[
    dict[tuple[str, str], Lot], dict[int, list[LotKpi]], dict[tuple[int, int], list[Award]]
]:  # fmt: skip
    """All that returns of a file are held against: lots by reference and number, what each expects, places by lot and
    provider. Three queries."""
    lots = Lot.objects.select_related("framework__lead_authority")
    expected: dict[int, list[LotKpi]] = defaultdict(list)
    for row in LotKpi.objects.select_related("kpi").order_by("starts_on"):
        expected[row.lot_id].append(row)
    awards: dict[tuple[int, int], list[Award]] = defaultdict(list)
    for award in Award.objects.order_by("starts_on"):
        awards[award.lot_id, award.provider_id].append(award)
    return {(lot.framework.reference.casefold(), lot.number.casefold()): lot for lot in lots}, expected, awards
