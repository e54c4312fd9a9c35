"""The lot page's columns, rows, chart and sentences: the same for page, csv and workbook."""

from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart, Dot, Strip, dot_strip
from commissioning.kernel.money import round_half_up
from commissioning.kernel.statistics import RULE, Spread
from commissioning.kernel.tables import Column
from commissioning.partnership.models import PriceLine
from quality.rules import scales

from ..measures.lot_rates import LotRates, Place

NOT_PRICED = "not priced"


class PerCent(Column):
    """A discount, to the decimals it was given in: 6.5%."""

    def text(self, value: Any) -> str:
        return self.missing if value is None else f"{value.normalize():f}%"


class Figure(Column):
    """A figure of the spread, in the unit of its own row."""

    def html(self, row: dict[str, Any]) -> str:
        value = self.of(row)
        return str(wording.missing(self.missing)) if value is None else in_unit(value, row["line"], exact=True)


def unit_of(line: PriceLine) -> str:
    return "%" if line.unit == "per_cent" else f"£ {line.get_unit_display()}"


class Judged(Column):
    """Judgements as tags, each with its word in full and how many establishments have it."""

    def html(self, row: Place) -> str:
        standing = row.standing
        if not standing.counts:
            return str(wording.missing(self.missing))
        many = standing.establishments > 1
        tags = " ".join(
            str(wording.tag(f"{count} {word_of(judgement)}" if many else word_of(judgement), tone_of(judgement)))
            for judgement, count in standing.counts
        )
        when = f"{'latest ' if many else ''}{standing.newest_on:%B %Y}" if standing.newest_on else ""
        return f"{tags} {when}"


def word_of(judgement: str) -> str:
    return scales.ALL_JUDGEMENTS[judgement] if judgement else scales.NOT_YET_INSPECTED


def tone_of(judgement: str) -> str:
    return wording.TONES.get(word_of(judgement).lower(), "plain")


def in_unit(amount: Decimal, line: PriceLine, *, exact: bool = False) -> str:
    """£765 a week, £4.50 a mile, 5%: pence only where they matter, or (exact) always and without the unit's words."""
    if line.unit == "per_cent":
        return f"{amount.normalize():f}%"
    if exact:
        return wording.pounds(amount)
    return f"{wording.pounds(amount, whole=line.unit == 'week')} {line.get_unit_display()}"


def columns(found: LotRates, line: PriceLine | None, *, every: bool) -> list[Column]:
    """One price line with its comparisons, or every line side by side."""
    front = [
        Column("provider", "Provider", value=lambda p: p.provider.name, sort="provider", link=_provider_link),
        Column("tier", "Tier", value=lambda p: p.award.tier, kind="number", sort="tier"),
    ]
    back = [
        Judged("judgement", "Judgement", value=lambda p: str(p.standing), missing="not listed by Ofsted", sort=None),
    ]
    if any(place.standing.places is not None for place in found.places):  # the regulator counts none for fostering
        back.append(Column("places", "Places", value=lambda p: p.standing.places, kind="number", sort="places"))
    if not found.seen or line is None:
        return front + back
    if every:
        return front + [_line_column(each) for each in found.lines] + back
    median = found.spread_of(line).median
    middle = [_line_column(line, key="rate")]
    if found.rivals_seen:
        middle.append(
            Column(
                "vs_median", "Against the median", unit=unit_of(line), kind="money", signed=True, sort="vs_median",
                value=lambda p: None if p.amount(line) is None or median is None else p.amount(line) - median,
                missing=NOT_PRICED,
            )
        )  # fmt: skip
    middle.append(
        Column(
            "since_last_year", "Since last year", kind="percent", signed=True, sort="since_last_year",
            value=lambda p: to_tenths(p.since_last_year(line)), missing="no rate then",
        )
    )  # fmt: skip
    return front + middle + back


def _line_column(line: PriceLine, key: str = "") -> Column:
    made = PerCent if line.unit == "per_cent" else Column
    return made(
        key or line.code, line.title, value=lambda p: p.amount(line), unit=unit_of(line), missing=NOT_PRICED,
        kind="number" if line.unit == "per_cent" else "money", sort=key or line.code,
    )  # fmt: skip


def _provider_link(place: Place) -> str:
    return f"/providers/{place.provider.uuid}/"


def spread_columns() -> list[Column]:
    def figure(name: str, label: str) -> Column:
        return Figure(name, label, value=lambda row: getattr(row["spread"], name), kind="money", missing=NOT_PRICED)

    return [
        Column("line", "Price line", value=lambda row: row["line"].title),
        Column("unit", "Unit", value=lambda row: row["line"].get_unit_display()),
        Column("n", "Providers", value=lambda row: row["spread"].n, kind="number"),
        figure("lowest", "Lowest"),
        figure("lower_quartile", "Lower quartile"),
        figure("median", "Median"),
        figure("upper_quartile", "Upper quartile"),
        figure("highest", "Highest"),
        Column("change", "Median since last year", value=lambda row: row["change"], kind="percent", signed=True,
               missing="no rates then"),
        Column("includes", "What it includes", value=lambda row: row["line"].includes or None),
    ]  # fmt: skip


def spread_rows(found: LotRates) -> list[dict[str, Any]]:
    return [
        {
            "line": line,
            "spread": found.spread_of(line),
            "change": per_cent(found.spread_before(line).median, found.spread_of(line).median),
        }
        for line in found.lines
    ]


def to_tenths(per_cent: Decimal | None) -> Decimal | None:
    """A change to a tenth of a per cent, so that a file does not say more than is known."""
    return None if per_cent is None else round_half_up(per_cent, Decimal("0.1"))


def per_cent(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    return (new - old) / old * 100 if old and new is not None else None


def charts(found: LotRates, line: PriceLine) -> list[Chart]:
    """The chosen line by itself, and every line priced in its unit with the spread's table under it."""
    alike = [each for each in found.lines if each.unit == line.unit and found.spread_of(each).n]
    if line.unit == "per_cent" or line not in alike:
        return []
    says = f"Each dot is a provider's rate on {wording.day(found.day)}. The band holds the middle half."
    one = dot_strip(
        _finding(found.spread_of(line), line), [_strip(found, line)], unit=unit_of(line), caption=says, each=False
    )
    if len(alike) == 1:
        return [one]
    title = f"Lines priced {line.get_unit_display()}, side by side"
    return [one, dot_strip(title, [_strip(found, each) for each in alike], unit=unit_of(line), note=RULE, each=False,
                           own_table=False)]  # fmt: skip


def _strip(found: LotRates, line: PriceLine) -> Strip:
    lies = found.spread_of(line)
    dots = [
        Dot(place.provider.name, place.rates[line.pk].amount, _provider_link(place))
        for place in found.places
        if line.pk in place.rates
    ]
    return Strip(line.title, dots, lower=lies.lower_quartile, median=lies.median, upper=lies.upper_quartile)


def _finding(lies: Spread, line: PriceLine) -> str:
    if lies.n == 1:
        return f"{line.title}: one provider prices it, at {in_unit(lies.median, line)}"
    half = _between(lies.lower_quartile, lies.upper_quartile, line)
    return f"{line.title}: half of {lies.n} providers charge {half}"


def _between(low: Decimal, high: Decimal, line: PriceLine) -> str:
    if low == high:
        return in_unit(low, line)
    if line.unit == "per_cent":
        return f"{low.normalize():f}% to {high.normalize():f}%"
    whole = line.unit == "week"
    return f"{wording.pounds(low, whole=whole)} to {wording.pounds(high, whole=whole)} {line.get_unit_display()}"


def answer(found: LotRates, line: PriceLine | None) -> str:
    """The page in its first lines: how many, from what to what, and how that moved."""
    count = len(found.places)
    said = f"{count} {'provider has' if count == 1 else 'providers have'} a place on {wording.day(found.day)}."
    if not count:
        return f"No provider has a place on {wording.day(found.day)}."
    if not found.seen or line is None:
        return said
    if not found.rivals_seen:
        return "Your own place on this lot and your own rates. Other providers' are not shown to you, or yours to them."
    lies = found.spread_of(line)
    if not lies.n:
        return f"{said} None of them has a rate for {line.title}."
    said += f" {line.title}: {_between(lies.lowest, lies.highest, line)}"
    if lies.n > 3:
        said += f"; half charge {_between(lies.lower_quartile, lies.upper_quartile, line)}"
    return said + "."


def movement(found: LotRates, line: PriceLine) -> str:
    """What changed since last year for the line, counted by provider; nothing for a provider's contact."""
    if not found.rivals_seen:
        return ""
    moves = [place.since_last_year(line) for place in found.places if line.pk in place.rates]
    known = [move for move in moves if move is not None]
    if not known:
        return ""
    counts = (
        (sum(move > 0 for move in known), "dearer"),
        (sum(move == 0 for move in known), "the same"),
        (sum(move < 0 for move in known), "cheaper"),
        (len(moves) - len(known), "new"),
    )
    said = ", ".join(f"{count} {words}" for count, words in counts if count)
    before, now = found.spread_before(line).median, found.spread_of(line).median
    change = per_cent(before, now)
    moved = ""
    if change:
        by = wording.percent(change, places=1, signed=True)
        moved = f" The median went from {in_unit(before, line)} to {in_unit(now, line)}, {by}."
    return f"Since a year before: {said}.{moved}"
