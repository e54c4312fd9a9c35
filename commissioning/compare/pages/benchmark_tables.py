"""The columns, sentences and charts of a benchmark: own figures beside the partnership's."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.tables import Column
from commissioning.kernel.wording import Withheld

from ..measures.benchmark import Benchmark, Comparator, Row
from ..models import PublishedFigure, Release
from ..rules.catalogue import CUTS, Measure
from ..rules.disclosure import SIGNS
from ..rules.intervals import position, wilson

WHY = (
    "Too few children or authorities stand behind it, or another figure could be worked out from it; or there is none."
)
HEADINGS = {
    "service": "Kind of home", "market": "Lot, or bought outside", "route": "Bought by", "age": "Age", "level": "Level",
    "provider": "Provider", "judgement": "Regulator’s judgement", "price_line": "Price line",
    "statement": "Statement", "owner": "Owner of the provider",
}  # fmt: skip
MOST_DRAWN = 12
Link = Callable[[Row], str | None]


def withheld(instead: Comparator | None, measure: Measure) -> Withheld:
    """The sign for a withheld figure: why, and which wider figure stands in."""
    if instead is None:
        return Withheld(WHY)
    return Withheld(WHY, instead_words(instead, measure))


def instead_words(instead: Comparator, measure: Measure) -> str:
    figure = instead.figure
    if figure is not None and measure.kind == "share" and figure.percent is not None:
        return f"Instead, for {instead.words}: {wording.percent(figure.percent)}."
    if figure is not None and figure.median is not None:
        return f"Instead, for {instead.words}: a median of {amount_words(figure.median, measure)}."
    if measure.unit.startswith("£"):
        return f"Nearest that can be shown: {instead.words}."
    return "No wider figure may be shown either."


def signed(figure: PublishedFigure) -> Withheld:
    """A figure that has a sign in its place: it rounds to nought, or is not available."""
    return Withheld(f"{wording.capital(SIGNS[figure.sign])}.", sign=figure.sign)


def amount_words(amount: Decimal, measure: Measure) -> str:
    if measure.unit.startswith("£"):
        return f"{wording.pounds(amount, whole=True)} a week"
    return f"{wording.number(amount.normalize())} {measure.unit}"


def _shared(measure: Measure, pick: Callable[[PublishedFigure], Any], *, needs: bool = True) -> Callable[[Row], Any]:
    """`pick` of the partnership's figure, or the sign in its place."""

    def value(row: Row) -> Any:
        if row.shared is None:
            return withheld(row.instead, measure)
        if row.shared.sign:
            return signed(row.shared)
        found = pick(row.shared)
        return withheld(row.instead, measure) if found is None and needs else found

    return value


def columns(found: Benchmark, link: Link = lambda row: None) -> list[Column]:
    measure = found.measure
    parts = CUTS[found.cut].dimensions
    heads = [
        Column(name, HEADINGS[name], value=lambda row, place=place: found.names.each(row.values)[place],
               link=link if place == 0 else None, sort=name)
        for place, name in enumerate(parts)
    ]  # fmt: skip
    return heads + (_spread(measure) if measure.kind == "spread" else _share(measure))


def _spread(measure: Measure) -> list[Column]:
    kind = {"kind": "money" if measure.unit.startswith("£") else "number", "unit": measure.unit}

    def own(pick: Callable[[Any], Any]) -> Callable[[Row], Any]:
        return lambda row: pick(row.own) if row.own else None

    def whole(key: str, label: str, value: Callable[[Row], Any], **more: Any) -> Column:
        return Column(key, label, value=value, whole=True, **kind, **more)  # type: ignore[arg-type]

    return [
        Column("our_n", "Ours", value=own(lambda o: o.n), kind="number", missing="none", sort="our_n"),
        whole("our_median", "Our median", own(lambda o: o.median), missing="none", sort="our_median"),
        Column("n", "Partnership", value=_shared(measure, lambda f: f.n), kind="number", unit="to nearest 5"),
        whole("median", "Partnership median", _shared(measure, lambda f: f.median)),
        whole("lower", "Lower quartile", _shared(measure, lambda f: f.lower_quartile)),
        whole("upper", "Upper quartile", _shared(measure, lambda f: f.upper_quartile)),
        whole("difference", "Ours above", lambda row: row.difference, missing="not comparable", signed=True,
              sort="difference"),
        Column("position", "We lie", value=where, missing="not comparable"),
    ]  # fmt: skip


def where(row: Row) -> str:
    if row.own is None or row.own.median is None or row.shared is None:
        return ""
    return position(row.own.median, row.shared.lower_quartile, row.shared.median, row.shared.upper_quartile)


def _share(measure: Measure) -> list[Column]:
    percent = {"kind": "percent", "unit": "%"}

    def interval(row: Row) -> Any:
        if row.shared is None or row.shared.percent is None or not row.shared.n:
            return ""
        found = wilson(row.shared.percent, row.shared.n)
        return f"{found[0]} to {found[1]}%" if found else ""

    return [
        Column("our_n", "Ours", value=lambda row: row.own.n if row.own else None, kind="number", missing="none",
               sort="our_n"),
        Column("our_percent", "Our share", value=lambda row: row.own.percent if row.own else None,
               missing="none", sort="our_percent", **percent),
        Column("n", "Partnership", value=_shared(measure, lambda f: f.n, needs=False), kind="number", missing="",
               unit="to nearest 5"),
        Column("percent", "Partnership share", value=_shared(measure, lambda f: f.percent), **percent),
        Column("interval", "95% interval", value=interval, missing=""),
    ]  # fmt: skip


def file_columns(found: Benchmark) -> list[Column]:
    """Of csv and workbook: more of the same rows."""
    measure = found.measure
    shown = columns(found)
    if measure.kind != "spread":
        return shown
    kind = {"kind": "money" if measure.unit.startswith("£") else "number", "unit": measure.unit}
    return [
        *shown,
        Column("our_mean", "Our mean", value=lambda row: row.own.mean if row.own else None, missing="none", **kind),
        Column("mean", "Partnership mean", value=_shared(measure, lambda f: f.mean), **kind),
        Column("tenth", "Partnership 10th percentile", value=_shared(measure, lambda f: f.tenth), **kind),
        Column("ninetieth", "Partnership 90th percentile", value=_shared(measure, lambda f: f.ninetieth), **kind),
        Column("mode", "Most usual band from", value=_shared(measure, lambda f: f.mode_from, needs=False),
               missing="no band shown",
               **kind),
    ]  # fmt: skip


def answer(found: Benchmark, whose: str) -> str:
    """The page in one line."""
    compared = [row for row in found.rows if row.difference is not None]
    if found.release is None:
        return "No release is published yet, so only our own figures stand here."
    if found.measure.kind == "share":
        ours = [row for row in found.rows if row.own and row.own.percent is not None and row.shared
                and row.shared.percent is not None]  # fmt: skip
        if not ours:
            return f"Nothing of {whose} can be compared with this release."
        row = max(ours, key=lambda each: each.own.n if each.own else 0)
        assert row.own is not None
        assert row.own.percent is not None
        assert row.shared is not None
        about = f" over about {wording.number(row.shared.n)}" if row.shared.n else ""
        return (
            f"{row.label}: {whose} {wording.percent(row.own.percent)} over {wording.number(row.own.n)}, "
            f"the partnership {row.shared.percent}%{about}."
        )
    if not compared:
        return f"Nothing of {whose} can be compared with this release at this level. Choose a wider one."
    dearer = [row for row in compared if (row.difference or 0) > 0]
    said = f"{whose} lies above the partnership’s median in {len(dearer)} of {len(compared)} that can be compared"
    if dearer:
        most = max(dearer, key=lambda row: (row.difference or 0) * (row.own.n if row.own else 0))
        said += f", most in {most.label} by {amount_words(most.difference or Decimal(0), found.measure)}"
        said += f" over {most.own.n if most.own else 0} of ours"
    return said + "."


def dumbbell(found: Benchmark, whose: str) -> Chart | None:
    """Ours to the partnership's median, the rows with most of our money first."""
    rows = [row for row in found.rows if row.difference is not None][:MOST_DRAWN]
    if found.measure.kind != "spread" or not rows:
        return None
    kind = "money" if found.measure.unit.startswith("£") else "number"
    return Chart(
        f"{found.measure.title}: {whose} and the partnership", "dumbbell",
        [
            Column("label", "What is compared", value=lambda row: row.label),
            Column("ours", whose, value=lambda row: row.own.median, kind=kind, unit=found.measure.unit, whole=True),
            Column("partnership", "Partnership median", value=lambda row: row.shared.median, kind=kind,
                   unit=found.measure.unit, whole=True),
        ],
        rows, unit=found.measure.unit, own_table=False, slug="chart-benchmark",
        note="The rows with most of our money come first; the table below has all of them.",
    )  # fmt: skip


def quiet_line(release: Release | None, measure: Measure | None = None) -> str:
    """Which release, of when, how old."""
    if release is None:
        return ""
    published = f", published {wording.day(release.published_at)}" if release.published_at else ""
    months = "twenty-four" if measure is not None and measure.population == "voices" else "twelve"
    return f"{release}: {months} months to {wording.day(release.as_at)}{published}."
