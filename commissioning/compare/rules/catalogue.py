"""The measures that are shared, as data, and the closed set of dimensions they are shown by: at most three at once.

Each measure has an oracle in the tests, slow and obvious; `checked_on` is the day it was last held against it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from contracts.rules.ages import BANDS, band_of

MOST_DIMENSIONS = 3

DIMENSIONS = {
    "service": "kind of home",
    "market": "lot, or kind of home bought outside the lots",
    "route": "how it was bought",
    "age": "age, as homes of that kind are priced",
    "level": "level of support",
    "provider": "provider",
    "judgement": "regulator's judgement of the provider",
    "price_line": "price line",
    "statement": "I statement",
    "owner": "owner of the provider",
}

SHORT = {
    "service": "kind of home", "market": "lot", "route": "route", "age": "age", "level": "level",
    "provider": "provider", "judgement": "judgement", "price_line": "price line",
    "statement": "statement", "owner": "owner",
}  # fmt: skip


@dataclass(frozen=True)
class Cut:
    """A combination of dimensions. `worth` says how much a figure of it is missed when it is withheld so that another
    cannot be worked out: the wider ones give way first, but for those that a page begins with."""

    name: str
    dimensions: tuple[str, ...]
    worth: int = 1

    def __post_init__(self) -> None:
        unknown = set(self.dimensions) - set(DIMENSIONS)
        if unknown or len(self.dimensions) > MOST_DIMENSIONS:
            raise ValueError(f"{self.name}: {unknown or 'more than three dimensions'}")

    @property
    def title(self) -> str:
        """ "lot, age and level" """
        *others, last = (SHORT[name] for name in self.dimensions)
        return f"{', '.join(others)} and {last}" if others else last


CUTS = {
    cut.name: cut
    for cut in (
        Cut("provider_market", ("provider", "market"), 8),
        Cut("market_age_level", ("market", "age", "level"), 9),
        Cut("market_age", ("market", "age"), 3),
        Cut("market", ("market",), 6),
        Cut("service_age_level", ("service", "age", "level"), 2),
        Cut("service_age", ("service", "age"), 3),
        Cut("service_level", ("service", "level"), 2),
        Cut("service_route", ("service", "route"), 5),
        Cut("service_judgement", ("service", "judgement"), 3),
        Cut("service", ("service",), 9),
        Cut("route", ("route",), 4),
        Cut("price_line", ("price_line",), 4),
        Cut("provider_price_line", ("provider", "price_line"), 2),
        Cut("statement", ("statement",), 9),
        Cut("statement_service", ("statement", "service"), 5),
        Cut("statement_market", ("statement", "market"), 6),
        Cut("statement_owner", ("statement", "owner"), 4),
        Cut("statement_provider_market", ("statement", "provider", "market"), 3),
    )
}

# What records a measure is worked out from (models.Contribution), in words.
POPULATIONS = {
    "homes": "homes that were lived in during the twelve months, each with its price a week on its last night in them",
    "lines": "running core price lines on the last day, each with its price a week",
    "searches": "providers asked in the twelve months",
    "voices": "answers of young people to each I statement, in the twenty-four months to the last day",
}
VOICE_MONTHS = 24


@dataclass(frozen=True)
class Measure:
    """`kind`: "spread" (mean, quartiles and the like of an amount, of the records that have something of `part`), or
    "share" (`part` of `whole`, in per cent; where `whole` is empty, of the cell without its last dimension).
    `counted`: the share is one of records, and is worked out from the rounded counts: from exact ones, a share of few
    would tell both (7 of 19 is the only 37% of about 20)."""

    key: str
    title: str
    kind: str
    population: str
    cuts: tuple[str, ...]
    why: str
    how: str
    numerator: str
    denominator: str
    unit: str
    good: str  # "low", "high" or "neither"
    misleads: str
    smallest_n: int
    source: str
    checked_by: str
    checked_on: date
    part: str = ""
    whole: str = ""
    counted: bool = False
    rest: str = ""  # of a share of people: those of the whole who are not in the part, guarded as the part is

    def as_kept(self) -> dict[str, Any]:
        """As a release keeps it, with its figures."""
        return asdict(self) | {"checked_on": self.checked_on.isoformat()}


_PRICE_CUTS = (
    "provider_market", "market_age_level", "market_age", "market", "service_age_level", "service_age", "service_level",
    "service_route", "service_judgement", "service",
)  # fmt: skip
_SEARCH_CUTS = ("market", "service", "provider_market")
_CHECKED: dict[str, Any] = {
    "checked_by": "Analysis, against a second calculation made apart from it", "checked_on": date(2026, 11, 28),
}  # fmt: skip
_OURS = "Placements and cost lines of the member authorities"
_LOG = "Referral logs of the member authorities"

MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            key="weekly_price", title="Weekly price", kind="spread", population="homes", cuts=_PRICE_CUTS,
            why="Neighbours pay different prices for the same care. Whoever knows it can ask why, and ask for less.",
            how="The price of a home is all that is paid for it a week, additional services in and discounts off, on "
            "its last night in the twelve months. Homes that an authority runs itself are told apart.",
            numerator="Pounds a week, added up over homes", denominator="Homes", unit="£ a week", good="low",
            misleads="A dearer figure may be the price of greater need: compare within an age and a level. A low price "
            "is no good where the care is not.",
            smallest_n=10, source=_OURS, **_CHECKED,
        ),
        Measure(
            key="line_price", title="Price by price line", kind="spread", population="lines",
            cuts=("price_line", "provider_price_line"),
            why="A lot's price line names one thing bought, so its prices are the most alike that there are.",
            how="Core price lines of agreements, as they stood on the last day.",
            numerator="Pounds a week, added up over lines", denominator="Lines", unit="£ a week", good="low",
            misleads="Older homes keep the price of their year until an uplift reaches them.",
            smallest_n=10, source=_OURS, **_CHECKED,
        ),
        Measure(
            key="spend_share", title="Share of spend by route", kind="share", population="homes",
            cuts=("service_route", "route"), part="gross", whole="",
            why="About half of residential care is bought outside the frameworks that were let for it.",
            how="Pounds that accrued in the twelve months, by how the home was bought on its day of call-off.",
            numerator="Pounds bought by the route", denominator="Pounds of homes bought from others", unit="%",
            good="neither",
            misleads="Spot is dear partly because it is bought for the hardest to place. A route never changes later, "
            "though its framework may have ended.",
            smallest_n=10, source=_OURS, **_CHECKED,
        ),
        Measure(
            key="night_share", title="Share of nights by route", kind="share", population="homes",
            cuts=("service_route", "route"), part="nights", whole="",
            why="Nights say how often the frameworks are gone round, whatever the price.",
            how="Nights in the twelve months, counted by arrival, by how the home was bought.",
            numerator="Nights bought by the route", denominator="Nights of homes bought from others", unit="%",
            good="neither", misleads="A short stay in an emergency counts as its few nights.",
            smallest_n=10, source=_OURS, **_CHECKED,
        ),
        Measure(
            key="additional_share", title="Additional services", kind="share", population="homes",
            cuts=("service", "market", "service_age", "service_level"), part="additional", whole="weekly",
            why="What is bought on top of the core price is agreed home by home, and seldom ends by itself.",
            how="Additional services a week as a share of all that is paid a week, on the last night.",
            numerator="Pounds a week of additional services", denominator="Pounds a week in all", unit="%",
            good="low", misleads="Where the core price includes more, there is less to add.",
            smallest_n=10, source=_OURS, **_CHECKED,
        ),
        Measure(
            key="response_hours", title="Hours to an answer", kind="spread", population="searches", cuts=_SEARCH_CUTS,
            why="A child waits while a provider thinks. Slow answers are why searches run in parallel.",
            how="Hours from when a provider was asked to when it is recorded as having answered; those that have not "
            "answered are left out, and told by the share answered.",
            numerator="Hours, added up over answers", denominator="Answers", unit="hours", good="low",
            misleads="Recorded times are those of whoever wrote them down.", part="answered",
            smallest_n=10, source=_LOG, **_CHECKED,
        ),
        Measure(
            key="answered_share", title="Providers that answered", kind="share", population="searches",
            cuts=_SEARCH_CUTS, part="answered", whole="asked", counted=True,
            why="No answer is the worst answer.", how="Answers, of providers asked in the twelve months.",
            numerator="Providers that answered", denominator="Providers asked", unit="%", good="high",
            misleads="A provider asked on the last days may still answer.", smallest_n=10, source=_LOG, **_CHECKED,
        ),
        Measure(
            key="offer_share", title="Providers that offered", kind="share", population="searches",
            cuts=_SEARCH_CUTS, part="offered", whole="asked", counted=True,
            why="A lot whose providers rarely offer is a list of names.",
            how="Offers, those withdrawn later too, of providers asked in the twelve months.",
            numerator="Providers that offered", denominator="Providers asked", unit="%", good="high",
            misleads="Whoever is asked more widely is refused more often.", smallest_n=10, source=_LOG, **_CHECKED,
        ),
        Measure(
            key="conversion_share", title="Offers chosen", kind="share", population="searches", cuts=_SEARCH_CUTS,
            part="chosen", whole="offered", counted=True,
            why="Offers that are never taken cost a provider work, and say that the search asked the wrong ones.",
            how="Offers chosen, of offers made in the twelve months.",
            numerator="Offers chosen", denominator="Offers made", unit="%", good="neither",
            misleads="Where three offer for each child, at most a third can be chosen.",
            smallest_n=10, source=_LOG, **_CHECKED,
        ),
        Measure(
            key="agree_share", title="Young people who agree, by statement", kind="share", population="voices",
            cuts=("statement", "statement_service", "statement_market", "statement_provider_market", "statement_owner"),
            part="agrees", whole="said", rest="others", counted=True,
            why="Whether a home works for those who live in it is theirs to say. A price without their voice is half "
            "the story.",
            how="Of answers on the five words in the twenty-four months to the last day, those that say mostly or "
            "always; answers that somebody gave for a young person are among them. Who did not want to say is left "
            "out, and so are answers that no known home stands behind.",
            numerator="Answers that say mostly or always", denominator="Answers on the five words", unit="%",
            good="high",
            misleads="Who answers is not who does not: look at how many were asked. All and nobody are never told, as "
            "that would say what each single young person said. Some answered twice, so an interval is a little too "
            "narrow.",
            smallest_n=10, source="Surveys of the member authorities", **_CHECKED,
        ),
    )
}  # fmt: skip

# FIELD.md 3.1 to 3.3: agencies price fostering by four ages; for young people living on their way to independence the
# rules and the funding change at 18; a children's home has one price for all ages.
_BY_AGE = ("fostering", "kinship", "staying_put")
_AT_18 = ("supported", "lodgings")
ALL_AGES = "all ages"
ADULT = 18
AGES = (*(f"{low} to {high}" for low, high in BANDS if low < ADULT), "18 and over", "under 18", ALL_AGES)


def priced_age(service_type: str, age: int | None) -> str:
    """The age band by which homes of this kind are priced: "5 to 10", "18 and over", "all ages"; empty where the age
    is not known and matters."""
    if service_type not in _BY_AGE + _AT_18:
        return ALL_AGES
    if age is None:
        return ""
    if age >= ADULT:
        return "18 and over"
    return band_of(age) if service_type in _BY_AGE else "under 18"
