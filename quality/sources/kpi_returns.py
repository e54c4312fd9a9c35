"""Source `kpi-returns`: providers' returns of KPIs, in the workbook of a lot, loaded by the framework's lead.

A return is known by provider, lot, KPI, home and period. A later file changes what it says otherwise: the checks of
what stood before then no longer speak of it. What a form refuses is refused here, by the same rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from commissioning.kernel.ingest.cells import as_company_number, as_urn
from commissioning.kernel.ingest.parsed import CellError, Parsed
from commissioning.kernel.ingest.source import DATE, Field, NextStep, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from contracts.sources.placements_template import long_words, words
from providers.models import Award, Establishment
from providers.sources.matching import UNKNOWN, match_providers, next_step_for_unknown

from ..actions.return_kpis import asking, figures_of, not_asked
from ..measures.contract_kpis import own_targets
from ..measures.kpi_returns import expected_on, newest_checks
from ..models import AskedBy, ContractKpi, Expected, KpiReturn, asked_by
from ..rules import kpi_periods
from ..rules.kpi_ratings import problem_of
from ..rules.kpi_standing import state_of, words_asked

ONE_DAY = timedelta(days=1)


def as_count(cell: Any) -> Parsed:
    """A number, nought or more; "n/a" and the like are no number."""
    text = str(cell).strip().replace(",", "") if cell is not None else ""
    if not text:
        return Parsed(None)
    try:
        value = Decimal(text.removesuffix("%").strip())
        if not value.is_finite() or abs(value) >= 10**12:
            raise ArithmeticError
    except ArithmeticError:
        raise CellError(f"“{text[:40]}” is no number: enter figures only") from None
    kept = value.quantize(Decimal("0.01"))
    return Parsed(kept, None if kept == value else f"{text[:40]} was rounded to {kept}")


RETURNS = Table(
    "returns",
    "KPI returns",
    (
        Field("framework", "Framework", ("Framework reference",), read=words, needed=True, filled=True),
        Field("lot", "Lot", ("Lot number",), read=words, needed=True, filled=True),
        Field("provider", "Provider", ("Provider name",), read=words),
        Field("company_number", "Company number", ("Provider company number",), read=as_company_number),
        Field("kpi", "KPI", ("KPI code",), read=words, needed=True, filled=True),
        Field("name", "What is counted", read=long_words),
        Field("starts_on", "From", ("Period from",), read=DATE, column="date", needed=True, filled=True),
        Field("last_day", "Last day", ("Period to",), read=DATE, column="date", needed=True, filled=True),
        Field("urn", "Home URN", ("URN", "Establishment URN"), read=as_urn),
        Field("numerator", "Number", ("Numerator",), read=as_count, column="numeric", needed=True),
        Field("denominator", "Out of", ("Denominator",), read=as_count, column="numeric", needed=True),
        Field("narrative", "In words", ("Narrative",), read=long_words),
        Field("received_on", "Received on", read=DATE, column="date"),
    ),
)  # fmt: skip
COLUMNS = (
    "sheet", "row", "framework", "lot", "provider_id", "kpi", "starts_on", "last_day", "urn", "numerator",
    "denominator", "narrative", "received_on",
)  # fmt: skip


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@dataclass(frozen=True)
class Ready:
    sheet: str
    row: int
    award: Award
    expected: Expected
    home: int | None
    facts: dict[str, Any]
    sent_at: datetime
    starts_on: date
    ends_before: date

    @property
    def key(self) -> tuple[int, AskedBy, int | None, date]:
        return self.award.pk, asked_by(self.expected), self.home, self.starts_on

    @property
    def line(self) -> tuple[int, int, str, int | None]:
        """The same from period to period."""
        return self.award.lot_id, self.award.provider_id, self.expected.kpi.code, self.home


@register
class KpiReturns(Source):
    name = "kpi-returns"
    label = "KPI returns"
    says = (
        "What providers return of the KPIs of a lot that you lead, in the lot’s own workbook: one row for each KPI and "
        "period, and nothing about a child."
    )
    may = ("kpi-returns", "import")
    tables = (RETURNS,)

    def writes(self):
        return [KpiReturn]

    def check(self, staging: Staging) -> None:
        match_providers(staging, "returns", unmatched="true")
        staging.said["ready"] = []
        if problems := _judge(staging):
            _refuse(staging, problems)

    def load(self, staging: Staging) -> None:
        _load(staging)

    def title_of(self, model, row):
        return f"a return for the period from {row['starts_on']}"

    def next_step(self, says: str, sent) -> NextStep | None:
        return next_step_for_unknown(sent) if says.startswith(UNKNOWN) and sent else None


def _judge(staging: Staging) -> list[tuple[str, int, str, str]]:
    """Sorts the rows into what can be kept, and (sheet, row, column, why not)."""
    rows = staging.rows(f"SELECT {', '.join(COLUMNS)} FROM staged_returns WHERE ok ORDER BY sheet, row")
    urns = [urn for (urn,) in staging.rows("SELECT DISTINCT urn FROM staged_returns WHERE urn <> ''")]
    known = Known(urns=urns, lead=staging.authority_id, today=staging.today, now=staging.now or _noon(staging.today))
    problems: list[tuple[str, int, str, str]] = []
    seen: dict[Any, int] = {}
    for values in rows:
        row = dict(zip(COLUMNS, values, strict=True))
        if row["numerator"] is None and row["denominator"] is None and not row["narrative"]:
            known.left_out.append((row["sheet"], row["row"], "", ""))
            continue
        found = known.ready(row)
        if isinstance(found, Ready):
            if found.key in seen:
                found = ("KPI", f"row {seen[found.key]} returns the same: keep one of them")
            else:
                seen[found.key] = found.row
                staging.said["ready"].append(found)
        if not isinstance(found, Ready):
            problems.append((row["sheet"], row["row"], *found))
    unsaid = _unsaid(staging.said["ready"])
    staging.said["ready"] = [each for each in staging.said["ready"] if each.key not in unsaid]
    problems += [(sheet, row, "In words", says) for sheet, row, says in unsaid.values()]
    _note(staging, known.nils, "Out of", "out of nought: there was nobody to count, and it is kept as Other")
    _note(staging, known.left_out, "Number", "no number: nothing is returned by this row")
    return problems


def _unsaid(ready: list[Ready]) -> dict[Any, tuple[str, int, str]]:
    """Key -> (sheet, row, what to do) of those that change a rating, or answer a query, without a word. The period
    before is as the file has it, or else as it stands. An empty cell leaves the words that stand."""
    before = {each.key: kpi_periods.before(each.expected.kpi.period, each.starts_on)[0] for each in ready}
    rows = list(KpiReturn.objects.with_kpi().filter(
        lot__in={each.award.lot_id for each in ready},
        starts_on__in={*before.values(), *(each.starts_on for each in ready)},
    ))  # fmt: skip
    stands = {(row.award_id, row.asked_by, row.establishment_id, row.starts_on): row for row in rows}
    rated = {
        (row.lot_id, row.provider_id, row.expected.kpi.code, row.establishment_id, row.starts_on): row.rating
        for row in rows
    }
    rated |= {(*each.line, each.starts_on): each.facts["rating"] for each in ready}
    checks = newest_checks(row.pk for row in rows)
    found = {}
    for each in ready:
        row = stands.get(each.key)
        same = row is not None and all(
            getattr(row, name) == value for name, value in each.facts.items() if name != "narrative"
        )
        if each.facts["narrative"] or same or (row is not None and row.narrative):
            continue
        state = state_of(row.version, checks.get(row.pk)) if row is not None else ""
        if says := words_asked(rated.get((*each.line, before[each.key])), each.facts["rating"], state):
            found[each.key] = (each.sheet, each.row, f"{says.rstrip('.')}, in the column “In words”")
    return found


class Known:
    """What rows are held against, asked for once. `lead`: the authority whose file it is; None: it is the provider's
    own."""

    def __init__(self, *, urns: Iterable[str], lead: int | None, today: date, now: datetime) -> None:
        self.lead, self.today, self.now = lead, today, now
        self.lots, self.expected, self.awards = expected_on()
        self.own = own_targets()
        homes = Establishment.objects.filter(urn__in=set(urns)).values_list("urn", "pk", "provider_id")
        self.homes = {urn: (pk, provider) for urn, pk, provider in homes}
        self.nils: list[tuple[str, int, str, str]] = []
        self.left_out: list[tuple[str, int, str, str]] = []

    def ready(self, row: dict[str, Any]) -> Ready | tuple[str, str]:
        lot = self.lots.get((row["framework"].casefold(), row["lot"].casefold()))
        if lot is None:
            return "Lot", f"no framework {row['framework']} has a lot {row['lot']}: correct one of the two"
        if self.lead is not None and lot.framework.lead_authority_id != self.lead:
            return "Framework", f"only {lot.framework.lead_authority.name}, which leads it, loads its returns"
        starts_on, ends_before = row["starts_on"], row["last_day"] + ONE_DAY
        found = self._asked(lot, row, starts_on, ends_before)
        if isinstance(found[0], str):
            return found
        award, expected = found
        home = None
        if row["urn"]:
            home, whose = self.homes.get(row["urn"], (None, None))
            if home is None or whose != row["provider_id"]:
                return "Home URN", "this home is not one of that provider’s: correct the URN, or leave it empty"
        kpi = expected.kpi
        if wrong := problem_of(kpi.unit, row["numerator"], row["denominator"], divided=bool(kpi.denominator)):
            return {"numerator": "Number", "denominator": "Out of"}[wrong[0]], wrong[1]
        received = row["received_on"] or self.today
        if not ends_before <= received <= self.today:
            return "Received on", "a day after the period and not in the future: correct it, or leave it empty"
        if kpi.denominator and not row["denominator"]:
            self.nils.append((row["sheet"], row["row"], "", ""))
        held = self.own.held(lot.pk, award.provider_id, expected, row["last_day"])
        facts = figures_of(expected, held, row["numerator"], row["denominator"])
        return Ready(
            row["sheet"], row["row"], award, expected, home, facts | {"narrative": (row["narrative"] or "").strip()},
            _noon(received) if row["received_on"]
            else self.now, starts_on, ends_before,
        )  # fmt: skip

    def _asked(self, lot: Any, row: dict[str, Any], starts_on: date, ends_before: date) -> Any:
        """(place, expectation) of the period's last day, or (column, why there is none)."""
        places = self.awards.get((lot.pk, row["provider_id"]), ())
        alone = (each for award in places for each in self.own.alone_of(award.pk))
        of_kpi: list[Expected] = [each for each in (*self.expected.get(lot.pk, ()), *alone)
                                  if each.kpi.code == row["kpi"].casefold()]  # fmt: skip
        if not of_kpi:
            return "KPI", f"the lot expects no KPI {row['kpi']}: take the code from the lot’s workbook"
        if not any(kpi_periods.is_period(each.kpi.period, starts_on, ends_before) for each in of_kpi):
            return "From", f"these two days are no {of_kpi[0].kpi.get_period_display().lower()[6:]} of it: correct them"
        if not places:
            return "Provider", "this provider has no place on the lot"
        says = ""
        for award in places:
            for each in of_kpi:
                if isinstance(each, ContractKpi) and each.award_id != award.pk:
                    continue
                says = not_asked(award, each, starts_on, ends_before, self.today)
                if not says:
                    return award, each
        return "Last day", says.rstrip(".")


def _note(staging: Staging, rows: list[tuple[str, int, str, str]], column: str, says: str) -> None:
    if rows:
        _listed(staging, "noted", rows)
        staging.note("returns", "true", f"'{says}'", column=column,
                     joins="JOIN noted n ON (n.sheet, n.row) = (s.sheet, s.row)")  # fmt: skip


def _refuse(staging: Staging, problems: list[tuple[str, int, str, str]]) -> None:
    _listed(staging, "problems", problems)
    for column in sorted({column for _, _, column, _ in problems}):
        staging.reject(
            "returns", "p.heading = %(heading)s", "p.says", column=column, heading=column,
            joins="JOIN problems p ON (p.sheet, p.row) = (s.sheet, s.row)",
        )  # fmt: skip


def _listed(staging: Staging, name: str, rows: list[tuple[str, int, str, str]]) -> None:
    staging.execute(f"DROP TABLE IF EXISTS {name}")
    staging.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT * FROM "
        "unnest(%s::text[], %s::int[], %s::text[], %s::text[]) AS p (sheet, row, heading, says)",
        [list(column) for column in zip(*rows, strict=True)],
    )


def _load(staging: Staging) -> None:
    """What is new or differs; an empty cell of words leaves those that stand."""
    ready: list[Ready] = staging.said["ready"]
    if not ready:
        return
    known = {
        (row.award_id, row.asked_by, row.establishment_id, row.starts_on): row
        for row in KpiReturn.objects.filter(
            lot__in={each.award.lot_id for each in ready}, ends_before__in={each.ends_before for each in ready}
        )
    }
    new = []
    for each in ready:
        whence = {"source_import_id": staging.run_id, "source_sheet": each.sheet, "source_row": each.row}
        row = known.get(each.key)
        if row is None:
            new.append(KpiReturn(
                award=each.award, framework_id=each.award.framework_id, lot_id=each.award.lot_id,
                provider_id=each.award.provider_id, establishment_id=each.home, starts_on=each.starts_on,
                ends_before=each.ends_before, sent_at=each.sent_at, **asking(each.expected), **each.facts, **whence,
            ))  # fmt: skip
            continue
        facts = each.facts | {"narrative": each.facts["narrative"] or row.narrative}
        if any(getattr(row, name) != value for name, value in facts.items()):
            KpiReturn.objects.filter(pk=row.pk).update(**facts, **whence)
    KpiReturn.objects.bulk_create(new, batch_size=1000)
