"""The rows that are asked (data_quality_asked.py), each with what its rules need to know and nothing else. The measure
fills them in (measures/data_quality.py). No name of a child is in them, and nothing that anybody wrote."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .data_quality import Row

IN_HOUSE = "in_house"


@dataclass(frozen=True, kw_only=True)
class Recorded(Row):
    """A row of which it is known when it was recorded. `since`: the day the first of its kind was."""

    recorded_on: date | None = None
    since: date | None = None

    def in_question(self, happened_on: date | None) -> bool:
        """Whether it may be asked how soon it was recorded: it was not brought in from before."""
        if happened_on is None or self.recorded_on is None or self.since is None:
            return False
        return happened_on >= self.since

    def days_after(self, happened_on: date | None) -> int:
        return (self.recorded_on - happened_on).days if self.recorded_on and happened_on else 0


@dataclass(frozen=True, kw_only=True)
class Home(Recorded):
    """A placement. `where`: which authority's area its home is registered in, and `host` that in which the child is
    recorded to live; None where either is not known. `suspended`: in words, what barred it when it was called off."""

    service_type: str
    route: str
    respite: bool
    starts_on: date
    ends_before: date | None = None
    planned_end_on: date | None = None
    provider: int | None = None
    establishment: int | None = None
    home_provider: int | None = None
    home_closed_on: date | None = None
    where: int | None = None
    host: int | None = None
    host_known: bool = False
    boundary: str = ""
    distance_known: bool = False
    registration: str = "unknown"
    spot_reason: str = ""
    end_reason: str = ""
    ended_by: str = ""
    destination: str = ""
    suspended: str = ""

    @property
    def bought(self) -> bool:
        return self.route != IN_HOUSE

    def is_open(self, today: date) -> bool:
        return self.ends_before is None or self.ends_before > today


@dataclass(frozen=True, kw_only=True)
class Search(Recorded):
    """A referral. `providers`: of the offer that was chosen, and of the placement made from it; None where there is
    none."""

    opened_on: date
    needed_by: date
    outcome: str
    chosen_why: str = ""
    child_view: str = ""
    placed: bool = False
    chosen_provider: int | None = None
    placed_provider: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reply(Recorded):
    """One provider asked, and what is recorded of its answer; `recorded_on` is the day the answer was."""

    asked_on: date
    answered_on: date | None = None
    answer: str = ""
    decline_reason: str = ""
    priced: bool = False
    chosen: bool = False
    suitable: bool | None = None
    search_closed: bool = False


@dataclass(frozen=True, kw_only=True)
class Agreed(Row):
    """A placement's agreement: the day of its first version, and what the newest says. `unlike`: how many cost lines
    of today it does not name, or names with another amount."""

    bought: bool
    respite: bool
    starts_on: date
    ends_before: date | None
    planned_end_on: date | None
    first_agreed_on: date | None = None
    signed: bool = False
    included: bool = False
    version_planned_end_on: date | None = None
    unlike: int = 0
    lines: int = 0

    def is_open(self, today: date) -> bool:
        return self.ends_before is None or self.ends_before > today


@dataclass(frozen=True, kw_only=True)
class Priced(Row):
    """An open placement, and how many cost lines run today."""

    route: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Line(Recorded):
    """A cost line, beside its placement's days. `rate`: what the award charges for its price line on its first day, in
    the same unit; None where nothing is to compare."""

    category: str
    route: str
    unit: str
    starts_on: date
    ends_before: date | None
    home_from: date
    home_until: date | None
    amount: Decimal
    rate: Decimal | None = None
    price_line: bool = False
    service: str = ""
    reviewed: bool = False

    def runs(self, today: date) -> bool:
        return self.starts_on <= today and (self.ends_before is None or self.ends_before > today)


@dataclass(frozen=True, kw_only=True)
class Visited(Row):
    """A visit of the authority's own. `many`: its registration has several addresses."""

    state: str
    planned_on: date
    visited_on: date | None = None
    published_on: date | None = None
    lead: bool = False
    many: bool = False
    premises: bool = False
    home_closed_on: date | None = None

    @property
    def done(self) -> bool:
        return self.visited_on is not None and self.state not in ("planned", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Returned(Row):
    """A KPI return that is asked for on a lot that the authority leads. `check`: the newest word on it as it stands."""

    due_on: date
    sent_on: date | None = None
    check: str = ""


@dataclass(frozen=True, kw_only=True)
class Said(Recorded):
    """One young person's answers on one day, beside the days of the home they are about."""

    answered_on: date
    placement: bool
    provider: int | None = None
    home_provider: int | None = None
    home_from: date | None = None
    home_until: date | None = None
