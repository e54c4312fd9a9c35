"""The first and the last sheet of the steering group's workbook: what it comes to in words, and what the words mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commissioning.kernel import wording
from commissioning.kernel.exports import Notice
from commissioning.kernel.statistics import RULE
from commissioning.kernel.tables import Column

from . import steering_rows as rows_of
from .measures.benchmark import Benchmark, Row, cover
from .models import Release
from .pages import benchmark_tables as tables
from .pages import cost_tables
from .pages.benchmarks import about
from .rules.catalogue import MEASURES
from .rules.disclosure import RUNGS, SIGNS, Thresholds, as_kept

if TYPE_CHECKING:
    from .steering_workbook import Steering

NOT_COMPARABLE = "nothing comparable"


@dataclass(frozen=True)
class Said:
    """One line of the summary: a sentence, and the figures that it quotes."""

    what: str
    ours: Any = None
    partnership: Any = None
    unit: str = ""
    words: str = ""


def summary(found: Steering, notice: Notice) -> tuple[list[Column], list[Said]]:
    """The columns, and a line for each of the sheets that follow."""
    columns = [
        Column("what", "What"), Column("ours", "Ours", kind="number", missing=""),
        Column("partnership", "Partnership", kind="number", missing=""), Column("unit", "Unit", missing=""),
        Column("words", "In words"),
    ]  # fmt: skip
    made = f"{notice.title}. Made on {wording.instant(notice.made_at)}."
    lines = [
        Said("About this workbook", words=f"{made} {found.notes[0]}"), _covered(found), _care(found),
        _price(found, "Price by kind of home", found.kinds), _price(found, "Lot, age and level", found.cells),
        _price(found, "Same provider", found.providers), _framework(found), _spot(found), _additional(found),
        _searches(found),
    ]  # fmt: skip
    return columns, lines


def _covered(found: Steering) -> Said:
    share = cover(found.release, found.own).share("provider_market", "market_age_level")
    if found.release is None or share is None:
        return Said("What can be compared", words="No release, or nothing bought: nothing can be compared.")
    return Said(
        "What can be compared", _whole(share), unit="% of what we pay others",
        words=f"{wording.percent(share)} of what {found.whose} pays others a week can be compared with the "
        "partnership, by lot, age and level or more closely.",
    )  # fmt: skip


def _whole(share: Decimal) -> Decimal:
    return Decimal(wording.decimal_text(share, 0))


def _care(found: Steering) -> Said:
    away = rows_of.few_of_care(found.care, exact=found.exact)
    care = replace(found.care, rows=[row for row in found.care.rows if row.kind.key not in away])
    dearest = max(care.rows, key=lambda row: row.paid.weekly, default=None)
    if dearest is None or dearest.paid.median is None:
        return Said("Cost of care", words=f"No kind of home of {found.whose} has enough children to be told here.")
    shared = dearest.shared.median if dearest.shared else None
    return Said(
        "Cost of care", dearest.paid.median, _or_sign(shared), f"£ a week, median: {dearest.label}",
        cost_tables.answer(care, found.whose) if found.exact or not away else _without_total(care, found.whose),
    )  # fmt: skip


def _without_total(care: Any, whose: str) -> str:
    """A total beside all parts but a withheld one would tell it."""
    _, _, rest = cost_tables.answer(care, whose).partition(". ")
    return rest or f"No mean of {whose} is lifted above its median."


def _or_sign(value: Any) -> Any:
    return rows_of.OURS_WITHHELD if value is None else value


def _price(found: Steering, what: str, of: Benchmark) -> Said:
    away = rows_of.few(of, exact=found.exact)
    told = replace(of, rows=[row for row in of.rows if row.values not in away])
    words = tables.answer(told, found.whose)
    most = max((row for row in told.rows if row.difference is not None), key=_weight, default=None)
    if most is None or most.own is None or most.shared is None:
        return Said(what, words=words)
    return Said(what, most.own.median, most.shared.median, f"£ a week, median: {most.label}", words)


def _weight(row: Row) -> Decimal:
    return (row.difference or Decimal(0)) * (row.own.n if row.own else 0)


def _framework(found: Steering) -> Said:
    spend, _ = found.by_route
    away = rows_of.few(spend, exact=found.exact)
    row = next((row for row in spend.rows if row.values == ("framework",) and row.values not in away), None)
    ours = row.own.percent if row and row.own else None
    theirs = row.shared.percent if row and row.shared else None
    if ours is None:
        return Said("Routes", words=f"{found.whose} bought nothing by a framework that can be told here.")
    beside = "the partnership’s share is withheld" if theirs is None else f"the partnership {theirs}%"
    return Said("Routes", ours, _or_sign(theirs), "% of spend by framework",
                f"{found.whose} spent {wording.percent(ours)} through frameworks; {beside}.")  # fmt: skip


def _spot(found: Steering) -> Said:
    row = next((each for each in found.premiums if not each.away and each.ours is not None), None)
    if row is None or row.ours is None:
        return Said("Spot and framework", words="No kind of home was bought both ways for enough children.")
    theirs = "is withheld" if row.shared is None else f"is {wording.pounds(row.shared, whole=True)}"
    return Said(
        "Spot and framework", row.ours, _or_sign(row.shared), f"£ a week, spot above framework: {row.label}",
        f"{row.label}: our median spot price lies {wording.pounds(abs(row.ours), whole=True)} a week "
        f"{'above' if row.ours >= 0 else 'below'} the frameworks’; "
        f"the partnership’s difference {theirs}.",
    )  # fmt: skip


def _additional(found: Steering) -> Said:
    return _share(found, "Additional services", found.additional, "% of what is paid")


def _searches(found: Steering) -> Said:
    return _share(found, "Searches", found.searches[2], "% of providers asked that offered")


def _share(found: Steering, what: str, of: Benchmark, unit: str) -> Said:
    away = rows_of.few(of, exact=found.exact)
    rows = [row for row in of.rows if row.values not in away and row.own and row.own.percent is not None]
    both = [row for row in rows if row.shared and row.shared.percent is not None] or rows
    if not both:
        return Said(what, words=f"Nothing of {found.whose} can be told here.")
    row = max(both, key=lambda each: each.own.n if each.own else 0)
    assert row.own is not None
    assert row.own.percent is not None
    theirs = row.shared.percent if row.shared else None
    beside = "the partnership’s share is withheld" if theirs is None else f"the partnership {theirs}%"
    return Said(what, row.own.percent, _or_sign(theirs), f"{unit}: {row.label}",
                f"{row.label}: {found.whose} {wording.percent(row.own.percent)}, {beside}.")  # fmt: skip


# Definitions


def definitions(release: Release | None) -> tuple[list[Column], Sequence[tuple[str, str]]]:
    """The columns, and a line for each word: measures as the release kept them, rules, signs and sources."""
    columns = [
        Column("word", "Word", value=lambda row: row[0]), Column("means", "What it means", value=lambda row: row[1])
    ]  # fmt: skip
    rows = [("Release", tables.quiet_line(release) or "None is published yet.")]
    for key, measure in MEASURES.items():
        told = dict(about(measure, release))
        parts = ("How it is worked out", "Numerator", "Denominator", "Unit", "Which direction", "What would mislead",
                 "Smallest n", "Source")  # fmt: skip
        rows.append((MEASURES[key].title, " ".join(f"{part}: {told[part].rstrip('.')}." for part in parts)))
    rows += [("Most usual price (mode)", ("The amount a week that most homes share, the lowest of several such; none "
              "where no two cost the same. Of the partnership a band, which is told by its lowest pound.")),
             ("Quartiles and median", RULE)]  # fmt: skip
    rows += [(f"Sign {sign}", words) for sign, words in SIGNS.items()]
    rows += _rules(as_kept(release.rules if release else {}))
    for words, voices in (("What stands in", False), ("What stands in for what young people say", True)):
        ladder = ", ".join(
            said for rung, said in RUNGS.items() if (rung == "own" or rung.startswith("state")) == voices
        )
        rows.append((words, f"Where a figure is withheld, the nearest that may be shown: {ladder}."))
    return columns, rows


def _rules(rules: Thresholds) -> list[tuple[str, str]]:
    return [
        ("Rule: counts", f"1 to {rules.hidden_up_to} are withheld; others to the nearest {rules.nearest}."),
        (
            "Rule: who stands behind a figure",
            (
                f"At least {rules.other_authorities} authorities and {rules.other_children} children, besides any "
                f"{rules.viewers} authorities that compare notes."
            ),
        ),
        (
            "Rule: mean and median",
            (
                f"From {rules.mean_from} children; quartiles from {rules.quartiles_from}, 10th and 90th percentiles "
                f"from {rules.tails_from}. To the nearest £{rules.pounds}. No lowest or highest of others."
            ),
        ),
        (
            "Rule: most usual price",
            (
                f"A band of £{rules.mode_band} that holds at least {rules.mode_children} children of "
                f"{rules.mode_authorities} authorities."
            ),
        ),
        (
            "Rule: no one part too great",
            (
                f"No authority or provider is more than {rules.largest_percent}% of a figure, no two more than "
                f"{rules.two_largest_percent}%, and nobody’s part can be estimated within {rules.p_percent}%."
            ),
        ),
        (
            "Rule: one pattern",
            (
                "The same figures are withheld from every member, and none can be worked out from others that are "
                "shown: checked for each release before it is published."
            ),
        ),
    ]
