"""The columns, sentences and chart of the spot loop: the same for page, csv and workbook."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.tables import Column, Table
from contracts.rules import codes

from ..measures.spot_loop import FRAMEWORK, SPOT, Premium, Purchase, Quarter, Seller, SpotLoop
from ..rules.catalogue import MEASURES
from ..rules.spot_loop import CLASSES, MEANS
from .benchmark_tables import withheld
from .lot_tables import Judged

NOUN = ("spot purchase", "spot purchases")
MOST_INVITED = 20
CAPTIONS = {"quarters": "By quarter", "invite": "Spot providers to invite when a lot reopens"}
RULES = [
    (
        "What is counted",
        (
            "Homes called off outside every framework, block contract and dynamic market in the twelve months to "
            "today, short stays included."
        ),
    ),
    (
        "Asked",
        (
            "By the day of call-off, within the search that the purchase is linked to. A framework provider is one "
            "that was asked as one of a lot, or had a place that could be called off on the day it was asked."
        ),
    ),
    (
        "Suitable offer",
        (
            "An offer made by the day of call-off, judged suitable by our own officer, of a home free by the first "
            "night, and not chosen."
        ),
    ),
    (
        "Premium",
        (
            "What is paid a week, today or on the last night, less the offer’s weekly amount (the cheapest where there "
            "were several), × nights so far ÷ 7. Only where it is more; where a price is not recorded there is none."
        ),
    ),
    (
        "Never priced",
        (
            "Not asked, none offered and not recorded: nobody knows what a framework home would have cost, or whether "
            "there was one."
        ),
    ),
]
MISLEADS = (
    (
        "Spot is dear partly because it is bought for the children who are hardest to place. The difference of two "
        "means is no saving."
    ),
    "The two means are of homes of different ages, levels and places, and each is to the nearest £5.",
    "An offer that was suitable on paper may have fallen through for a reason that nobody wrote down.",
    "The more is “not recorded”, the less the other classes say.",
)


def part_words(kind: str, n: int) -> str:
    """ "12 not asked" """
    return f"{n} {CLASSES[kind][0].lower()}{CLASSES[kind][1:]}"


def answer(found: SpotLoop, whose: str) -> str:
    """What follows the counts."""
    if not found.purchases:
        return f"{whose} has bought no home spot in the last twelve months."
    avoidable = found.counts["not_taken"]
    if not avoidable:
        said = "No purchase is known to have been avoidable."
    else:
        said = f"The offers not taken would have cost {wording.pounds(found.premium, whole=True)} less so far."
        if found.unpriced:
            said += f" {found.unpriced} of these {avoidable} has no price to compare." if found.unpriced == 1 else (
                f" {found.unpriced} of these {avoidable} have no price to compare."
            )  # fmt: skip
    return said


def reasons_given(found: SpotLoop) -> str:
    """What officers gave as the reason where the log tells nothing."""
    given = Counter(each.placement.spot_reason for each in found.of("unknown"))
    told = [f"{codes.SPOT_REASONS[key].lower()} {n}" for key, n in given.most_common() if key]
    if given[""]:
        told.append(f"no reason {given['']}")
    return f"Reasons given where nothing is recorded of a search: {'; '.join(told)}." if told else ""


def classes(found: SpotLoop) -> Table:
    total = len(found.purchases)
    columns = [
        Column("class", "Class", value=lambda kind: CLASSES[kind]),
        Column("n", "Purchases", value=lambda kind: found.counts[kind], kind="number"),
        Column("share", "Share", value=lambda kind: Decimal(found.counts[kind] * 100) / total,
               kind="percent"),
        Column("premium", "Avoidable so far", kind="money", unit="£", missing="never priced",
               value=lambda kind: found.premium if kind == "not_taken" else None),
        Column("means", "What it is", value=lambda kind: MEANS[kind]),
    ]  # fmt: skip
    return Table(columns, list(CLASSES), "Why homes were bought spot", per_page=None, compact=True,
                 noun=("class", "classes"))  # fmt: skip


def quarter_words(quarter: Quarter) -> str:
    first, stop = quarter.period.bounds
    return f"{first:%b} to {stop - timedelta(days=1):%b %Y}"


def quarter_columns() -> list[Column]:
    return [
        Column("quarter", "Quarter", value=quarter_words),
        Column("purchases", "Called off", kind="number"),
        *(
            Column(kind, words, value=lambda quarter, kind=kind: quarter.counts[kind], kind="number")
            for kind, words in CLASSES.items()
        ),
        Column("premium", "Avoidable premium in it", kind="money", unit="£"),
    ]


def chart(found: SpotLoop) -> Chart | None:
    """The premium by quarter: it grows while homes of offers not taken go on."""
    if not found.premium:
        return None
    most = max(found.quarters, key=lambda quarter: quarter.premium)
    return Chart(
        f"Offers not taken cost most in {quarter_words(most)}", "columns",
        [
            Column("quarter", "Quarter", value=quarter_words),
            Column("premium", "Avoidable premium", value=lambda quarter: quarter.premium, kind="money", unit="£",
                   whole=True),
        ],
        found.quarters, unit="£", own_table=False, slug="chart-spot",
    )  # fmt: skip


def purchase_columns() -> list[Column]:
    def of(pick: Any) -> Any:
        return lambda row: pick(row.placement)

    return [
        Column("placement", "Placement", value=of(str), link=of(lambda p: reverse("placement", args=[p.uuid]))),
        Column("child", "Child", value=of(lambda p: str(p.child))),
        Column("class", "Class", value=lambda row: CLASSES[row.kind], sort="class"),
        Column("called_off", "Called off", value=of(lambda p: p.called_off_on), kind="date", sort="called_off"),
        Column("service", "Kind of home", value=of(lambda p: p.get_service_type_display()), sort="service"),
        Column("provider", "Provider", value=lambda row: row.provider, sort="provider"),
        Column("reason", "Reason given", value=of(lambda p: p.get_spot_reason_display())),
        Column("search", "Search", value=of(lambda p: str(p.referral) if p.referral_id else ""), missing="none linked",
               link=of(lambda p: reverse("referral", args=[p.referral.uuid]) if p.referral_id else None)),
        Column("paid", "Paid", value=lambda row: row.paid, kind="money", unit="£ a week", sort="paid"),
        Column("offered", "Offer not taken", value=lambda row: row.offered, kind="money", unit="£ a week",
               missing=""),
        Column("nights", "Nights so far", value=lambda row: row.nights, kind="number", sort="nights"),
        Column("premium", "Avoidable so far", value=_premium, kind="money", unit="£", missing="", sort="premium"),
    ]  # fmt: skip


def more_columns() -> list[Column]:
    """Of csv and workbook alone."""
    return [Column("places", "Places that could be asked that day", value=lambda row: row.places, kind="number")]


def _premium(row: Purchase) -> Any:
    return row.premium if row.kind == "not_taken" and row.paid is not None and row.offered is not None else None


def seller_columns() -> list[Column]:
    def to_provider(row: Seller) -> str | None:
        return reverse("provider", args=[row.provider.uuid]) if row.provider else None

    return [
        Column("name", "Provider", value=lambda row: row.name, missing="no name recorded", link=to_provider),
        Column("service", "Kind of home", value=lambda row: codes.SERVICE_TYPES[row.service]),
        Column("homes", "Spot homes in 12 months", value=lambda row: row.homes, kind="number"),
        Column("open", "Open today", value=lambda row: row.open, kind="number"),
        Column("spent", "We paid", value=lambda row: row.spent, kind="money", unit="£ in 12 months", whole=True),
        Judged("standing", "Regulator’s judgement", value=lambda row: str(row.standing),
               missing="no registration of that kind is listed"),
        Column("lots", "Has a place on", value=lambda row: "; ".join(row.lots),
               missing="no lot: invite it"),
    ]  # fmt: skip


def premiums(rows: Sequence[Premium], whose: str) -> Table | None:
    """Ours and the partnership's, side by side. Nothing of the partnership's but its two published means."""
    if not rows:
        return None

    def mean(side: str, route: str) -> Any:
        def value(row: Premium) -> Any:
            figure = getattr(row, side)[route]
            found = figure.mean if figure is not None else None
            return withheld(row.wider, MEASURES["weekly_price"]) if found is None and side == "shared" else found

        return value

    def theirs(row: Premium) -> Any:
        return withheld(row.wider, MEASURES["weekly_price"]) if row.partnership is None else row.partnership

    def homes(side: str) -> Any:
        """ "12 spot, 40 framework" """

        def value(row: Premium) -> str:
            counts = {route: figure.n for route, figure in getattr(row, side).items() if figure and figure.n}
            return ", ".join(f"{wording.number(n)} {route}" for route, n in counts.items())

        return value

    def to_figures(row: Premium) -> str:
        words = {"cut": "service_route", "service": codes.SERVICE_TYPES.get(row.service, row.service)}
        return f"{reverse('benchmarks-measure', args=['weekly_price'])}?{urlencode(words)}"

    def money(key: str, label: str, value: Any, **more: Any) -> Column:
        return Column(key, label, value=value, kind="money", unit="£ a week", whole=True, **more)

    columns = [
        Column(
            "service",
            "Kind of home",
            value=lambda row: codes.SERVICE_TYPES.get(row.service, row.service),
            link=to_figures,
        ),
        Column("our_n", "Our homes", value=homes("ours"), missing="none"),
        money("our_spot", f"{whose}: spot mean", mean("ours", SPOT), missing="none bought"),
        money("our_framework", f"{whose}: framework mean", mean("ours", FRAMEWORK), missing="none bought"),
        money(
            "ours", "Our spot above framework", lambda row: row.our_premium, signed=True, missing="not bought both ways"
        ),
        Column("n", "Partnership homes, to nearest 5", value=homes("shared"), missing="withheld"),
        money("spot", "Partnership spot mean", mean("shared", SPOT)),
        money("framework", "Partnership framework mean", mean("shared", FRAMEWORK)),
        money("theirs", "Its spot above framework", theirs, signed=True),
    ]
    return Table(columns, list(rows), "Spot beside framework, by kind of home", per_page=None,
                 noun=("kind of home", "kinds of home"))  # fmt: skip
