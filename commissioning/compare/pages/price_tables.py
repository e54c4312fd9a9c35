"""The columns, totals and sentences of price gaps: the same for page, csv and workbook."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.rules.codes import LEVELS

from ..measures.benchmark import Names
from ..measures.price_decisions import Cashable
from ..measures.price_gaps import Gap, OpenHome, PriceGaps
from ..models import PriceDecision
from ..rules.savings import COUNTED_MONTHS, LEFT_OUT, OF_CHILD
from .benchmark_tables import WHY

# Of rules/savings.py LEFT_OUT, as a column has room for.
IN_SHORT = {
    "notice": "notice given", "ending": "ends soon", "moves": "three homes in a year", "meeting": "stability meeting",
    "order": "liberty order", "staying_put": "staying put", "accepted": "price accepted",
    "additional": "additional services",
}  # fmt: skip
NOUN = ("provider and lot", "providers and lots")
MOST_DRAWN = 12
RULES = [
    (
        "Compared",
        (
            "Each open home’s whole price a week with the partnership’s median for the same provider and lot. Where "
            "the release shows the lot’s median for the home’s own age and level too, only what lies above both "
            "counts. Where it shows the provider’s median for the very price line, the core price is compared with "
            "that alone."
        ),
    ),
    (
        "Possible",
        (
            "Over open homes priced above: the difference × weeks, from today for twelve months or to the "
            "planned end if that is sooner."
        ),
    ),
    (
        "Realistic",
        (
            "The part of it where a price can be talked about and no child’s stability is at stake. Additional "
            "services of the home do not count: they are looked at one by one. Left out are homes where "
            f"{'; '.join(words for reason, words in LEFT_OUT.items() if reason != 'additional')}."
        ),
    ),
    (
        "Why",
        (
            "Nobody should move a child for a price. The saving is got by talking to the provider, and a provider "
            "that is pressed may give notice: where a home may break down already, that is not worth any price."
        ),
    ),
    (
        "Not recorded here",
        "Whether a foster home is matched for the long term. Ask before you talk about the price of one.",
    ),
]
MISLEADS = (
    "A dearer home may be the price of greater need. Look at the level, and at what the price includes.",
    (
        "The partnership’s median is of homes of twelve months, each at its last price in them; ours are today’s "
        "prices, so an uplift that came since makes ours look dearer."
    ),
    "A median to the nearest £5 cannot tell a difference of less than that.",
    "Possible is no forecast: it says what the difference comes to, not that anybody will give it up.",
    "Where we pay less, the provider sees the same difference, and has a reason to ask us for more.",
)


@dataclass(frozen=True)
class Shown:
    """One home of a gap, as a row."""

    gap: Gap
    home: OpenHome


def money(key: str, label: str, value: Any, unit: str = "£ a week", **more: Any) -> Column:
    return Column(key, label, value=value, kind="money", unit=unit, whole=True, sort=key, **more)


def gap_columns(*, homes: bool, decided: bool, may_decide: bool) -> list[Column]:
    def to_homes(gap: Gap) -> str | None:
        return f"?part=homes&provider={gap.provider_uuid}&where={gap.market_in_address}" if homes else None

    def to_decide(gap: Gap) -> str | None:
        return (
            reverse("benchmarks-prices-decide", args=[gap.provider_uuid, gap.market_in_address]) if may_decide else None
        )

    columns = [
        Column("provider", "Provider", link=lambda gap: reverse("provider", args=[gap.provider_uuid]), sort="provider"),
        Column("where", "Lot, or bought outside", sort="where"),
        Column("homes", "Our open homes", value=lambda gap: len(gap.homes), kind="number", link=to_homes, sort="homes"),
        money("ours", "Our median", lambda gap: gap.median),
        Column("n", "Partnership", value=lambda gap: gap.figure.n, kind="number", unit="to nearest 5"),
        money("median", "Partnership median", lambda gap: gap.figure.median),
        money("difference", "Ours above", lambda gap: gap.difference, signed=True),
        money("possible", "Possible saving", lambda gap: gap.savings.possible, "£ in 12 months"),
        money("realistic", "Realistic", lambda gap: gap.savings.realistic, "£ in 12 months"),
        money("below", "Below the median by", lambda gap: gap.savings.below, "£ in 12 months"),
    ]  # fmt: skip
    if decided:
        nothing = "none yet: decide" if may_decide else "none yet"
        columns.append(
            Column("decision", "Decision", value=lambda gap: _decision(gap) or nothing, link=to_decide)
        )  # fmt: skip
    return columns


def _decision(gap: Gap) -> str:
    standing = gap.standing
    return f"{standing.get_outcome_display()}, {wording.day(standing.decided_on)}" if standing else ""


def more_columns() -> list[Column]:
    """Of csv and workbook alone."""
    return [
        Column("above", "Homes above", value=lambda gap: gap.savings.above, kind="number"),
        Column("weekly", "They pay more by", value=lambda gap: gap.weekly_above, kind="money", unit="£ a week"),
        Column("left_out", "Homes left out of realistic", value=lambda gap: gap.savings.left_out, kind="number"),
        Column("own_n", "Our homes in the last twelve months", value=lambda gap: gap.own.n if gap.own else None,
               kind="number", missing="none"),
        Column("own_median", "Our median over them", value=lambda gap: gap.own.median if gap.own else None,
               kind="money", unit="£ a week", missing="none"),
        Column("lower", "Partnership lower quartile", value=_or_withheld("lower_quartile"), kind="money",
               unit="£ a week"),
        Column("upper", "Partnership upper quartile", value=_or_withheld("upper_quartile"), kind="money",
               unit="£ a week"),
        Column("like", "Homes compared by price line", value=lambda gap: gap.like_for_like, kind="number"),
        Column("release", "Release", value=lambda gap: str(gap.figure.release)),
    ]  # fmt: skip


def _or_withheld(name: str) -> Any:
    def value(gap: Gap) -> Any:
        found = getattr(gap.figure, name)
        return wording.Withheld(WHY) if found is None else found

    return value


def home_columns() -> list[Column]:
    def counted(pick: Any) -> Any:
        return lambda row: pick(row.home.counted) if row.home.counted else None

    return [
        Column("placement", "Placement", value=lambda row: str(row.home.placement),
               link=lambda row: reverse("placement", args=[row.home.placement.uuid])),
        Column("child", "Child", value=lambda row: str(row.home.placement.child)),
        Column("provider", "Provider", value=lambda row: row.gap.provider, sort="provider"),
        Column("where", "Lot, or bought outside", value=lambda row: row.gap.where, sort="where"),
        Column("level", "Level", value=lambda row: LEVELS[row.home.placement.level]),
        money("price", "We pay", lambda row: row.home.price),
        money("median", "Partnership, provider and lot", counted(lambda c: c.median)),
        Column("level_median", "Lot, same age and level", value=counted(lambda c: c.level_median), kind="money",
               unit="£ a week", whole=True, missing="not shown"),
        money("difference", "Ours above both", lambda row: row.home.difference, signed=True),
        money("possible", "Possible saving", counted(lambda c: c.possible), "£"),
        money("realistic", "Realistic", counted(lambda c: c.realistic), "£"),
        Column("why", "Left out because", value=_why, missing=""),
    ]  # fmt: skip


def more_home_columns() -> list[Column]:
    """Of csv and workbook alone."""
    return [
        Column("by", "Compared by",
               value=lambda row: f"core price, {row.home.line.title}" if row.home.line else "whole price"),
        Column("compared", "Our price compared", value=lambda row: row.home.counted.price if row.home.counted else None,
               kind="money", unit="£ a week"),
        Column("additional", "Of it additional services", kind="money", unit="£ a week",
               value=lambda row: row.home.counted.additional if row.home.counted else None),
        Column("days", "Nights counted", value=lambda row: row.home.counted.days if row.home.counted else None,
               kind="number"),
    ]  # fmt: skip


def _why(row: Shown) -> str:
    if row.home.counted is None or not row.home.counted.possible:
        return ""
    return ", ".join(IN_SHORT[reason] for reason in row.home.counted.why)


def answer(found: PriceGaps, whose: str) -> str:
    """The page in one line: what talking could save."""
    saving = found.savings
    if found.release is None:
        return "No release is published yet, so nothing can be compared."
    if not found.gaps:
        return f"{found.release} shows no price of a provider that {whose} has an open home with."
    if not saving.above:
        return (
            f"{whose} pays no more than the partnership’s median for any of the {saving.homes} open homes that can be "
            "compared: there is nothing to save here, and that is good news."
        )
    pounds = wording.pounds
    said = (
        f"{whose} pays above the partnership’s median for {saving.above} of {saving.homes} open homes that can be "
        f"compared: {pounds(saving.possible, whole=True)} in twelve months (possible), of which "
        f"{pounds(saving.realistic, whole=True)} is realistic."
    )
    if saving.for_the_child:
        what = "child is" if saving.for_the_child == 1 else "children are"
        said += f" {saving.for_the_child} {what} left out of that because the home’s stability would be at stake."
    return said


def totals(found: PriceGaps) -> Table:
    saving = found.savings
    rows = [
        ("Possible saving", saving.above, saving.possible, "Open homes above the median of the same provider and lot."),
        ("Realistic", saving.realistic_homes, saving.realistic, "Of these, homes whose price can be talked about."),
        ("Left out of realistic", saving.left_out, saving.possible - saving.realistic,
         f"{saving.for_the_child} homes for the child’s stability; else prices accepted and additional services."),
        ("Where we pay less", sum(bool(home.counted and home.counted.below) for home in found.homes), saving.below,
         "What these homes would cost more at the partnership’s median: a provider’s reason to ask."),
    ]  # fmt: skip
    columns = [
        Column("what", "What", value=lambda row: row[0]),
        Column("homes", "Homes", value=lambda row: row[1], kind="number"),
        Column("pounds", f"In {COUNTED_MONTHS} months", value=lambda row: row[2], kind="money", unit="£"),
        Column("means", "What it is", value=lambda row: row[3]),
    ]
    return Table(columns, rows, "Savings, from today", compact=True, per_page=None, noun=("figure", "figures"))


def left_out(found: PriceGaps) -> Table:
    columns = [
        Column("why", "Left out because", value=lambda row: LEFT_OUT[row[0]]),
        Column("for", "For the child", value=lambda row: row[0] in OF_CHILD, kind="yesno"),
        Column("homes", "Homes", value=lambda row: row[1], kind="number"),
    ]
    return Table(columns, list(found.savings.reasons.items()), "Left out of the realistic saving; a home may have "
                 "several reasons", per_page=None, compact=True, noun=("reason", "reasons"))  # fmt: skip


def unsaid(found: PriceGaps) -> str:
    """What is not among the rows."""
    said = []
    if found.elsewhere:
        homes = "home is" if found.elsewhere == 1 else "homes are"
        said.append(f"{found.elsewhere} more open {homes} not compared: their provider’s figure is withheld.")
    if found.unpriced:
        said.append(f"{found.unpriced} of those compared have no price recorded for today.")
    return " ".join(said)


def chart(gaps: Sequence[Gap], whose: str) -> Chart | None:
    """Ours to the partnership's, those with most to save first."""
    rows = sorted((gap for gap in gaps if gap.difference is not None), key=lambda gap: -gap.savings.possible)
    if not rows:
        return None
    most = rows[0]
    title = (
        f"Most could be saved with {most.provider}" if most.savings.possible else "We pay no more than the partnership"
    )
    return Chart(
        title, "dumbbell",
        [
            Column("label", "Provider and lot", value=lambda gap: f"{gap.provider}, {gap.where}"),
            Column("ours", whose, value=lambda gap: gap.median, kind="money", unit="£ a week", whole=True),
            Column("partnership", "Partnership median", value=lambda gap: gap.figure.median, kind="money",
                   unit="£ a week", whole=True),
        ],
        rows[:MOST_DRAWN], unit="£ a week", own_table=False, slug="chart-prices",
        note="The rows with most to save come first; the table below has all of them.",
    )  # fmt: skip


def gap_in_words(gap: Gap | None, whose: str) -> str:
    if gap is None or gap.median is None:
        return "The newest release shows no figure to compare with; a decision can be recorded all the same."
    homes = f"{len(gap.homes)} open {'home' if len(gap.homes) == 1 else 'homes'}"
    way = f"{wording.pounds(abs(gap.difference), whole=True)} a week {'above' if gap.difference > 0 else 'below'}"
    return (
        f"{whose} pays a median of {wording.pounds(gap.median, whole=True)} a week for {homes}; the partnership’s is "
        f"{wording.pounds(gap.figure.median, whole=True)}. Ours is {'the same' if not gap.difference else way}."
    )


def to_amend(gap: Gap) -> Table:
    """The homes behind a gap, each with the way to its agreement."""
    wanted = ("placement", "level", "price", "median", "level_median", "difference", "possible", "why")
    columns = [replace(column, sort=None) for column in home_columns() if column.key in wanted]
    columns.append(
        Column("amend", "Agreement", value=lambda row: "Open",
               link=lambda row: reverse("agreement", args=[row.home.placement.uuid]))
    )  # fmt: skip
    rows = [Shown(gap, home) for home in gap.homes]
    return Table(columns, rows, "Open homes behind it", per_page=None, noun=("home", "homes"))


def decisions(rows: Sequence[PriceDecision], *, homes: bool) -> Table:
    """Newest first. The agreement that brought a price down is named to who may read placements."""
    named = _places(rows)
    columns = [
        Column("provider", "Provider", value=lambda row: named[row.pk][0]),
        Column("where", "Lot, or bought outside", value=lambda row: named[row.pk][1]),
        Column("outcome", "Decided", value=lambda row: row.get_outcome_display()),
        Column("reason", "Why"),
        Column("on", "On", value=lambda row: row.decided_on, kind="date"),
        Column("by", "By", value=lambda row: str(row.decided_by)),
        Column("ours", "Our median then", value=lambda row: row.own_median, kind="money", unit="£ a week", whole=True),
        Column("theirs", "Partnership’s then", value=lambda row: row.partnership_median, kind="money", unit="£ a week",
               whole=True),
    ]  # fmt: skip
    if homes:
        columns.append(Column(
            "agreement", "Agreement", missing="",
            value=lambda row: f"{row.agreement.placement}, version {row.agreement.number}" if row.agreement else "",
            link=lambda row: reverse(
                "agreement-version", args=[row.agreement.placement.uuid, row.agreement.number]
            ) if row.agreement else None,
        ))  # fmt: skip
    return Table(
        columns, list(rows), "Decisions, the newest first", per_page=None, noun=("decision", "decisions"),
        empty=EmptyState("Nothing decided yet", "What is decided about a price stands here: to talk to the provider, "
                         "to accept it for a reason, or a new price agreed."),
    )  # fmt: skip


def _places(rows: Sequence[PriceDecision]) -> dict[int, list[str]]:
    names = Names([(row.provider_id, row.market) for row in rows], "provider_market")
    return {row.pk: names.each((row.provider_id, row.market)) for row in rows}


def came_of_it(found: Cashable) -> str:
    """Never more than the register itself says."""
    if not found.benefits:
        return "No new price is recorded yet: nothing is cashable so far."
    return (
        f"New prices agreed save {wording.pounds(found.weekly)} a week today and {wording.pounds(found.in_year)} in "
        f"{found.year} (cashable, as the benefits register has it)."
    )
