"""What is asked of each resource's rows, as data: which facts ought to be said and from when, how soon a fact ought to
be recorded, and which facts contradict each other. Thresholds are in data_quality.py."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from contracts.rules.codes import UNWATCHED

from .data_quality import (
    AFTER_LEAVING,
    AGREED_WITHIN,
    ANSWER_WITHIN,
    ANSWERED_AFTER,
    OPEN_AFTER,
    PLANNED_PAST,
    PRICED_WITHIN,
    PUBLISHED_WITHIN,
    RATE_APART,
    RECORDED_WITHIN,
    SEARCH_WITHIN,
    SURVEY_WITHIN,
    Rule,
)
from .data_quality_rows import Agreed, Home, Line, Priced, Recorded, Reply, Returned, Said, Search, Visited

OF_FRAMEWORKS = ("framework", "dynamic_market")  # a block contract is not priced home by home
REGISTERED = ("fostering", "residential", "secure", "school", "family", "supported")  # kinds that Ofsted registers
ONE_ADDRESS = ("residential", "secure", "school", "family")  # a registration is the place where the child lives


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _late(what: str, day: str, within: int) -> Callable[[Recorded, date], str]:
    def says(row: Recorded, today: date) -> str:
        happened = getattr(row, day)
        return f"Recorded {_days(row.days_after(happened))} after {what} on {_day(happened)}: {within} are allowed"

    return says


def _ended(row: Home, today: date) -> bool:
    return not row.is_open(today) and not row.respite


def apart(line: Line) -> Decimal | None:
    """Per cent of the rate between it and what is paid."""
    return abs(line.amount - line.rate) * 100 / line.rate if line.rate else None


ON_RECORD = "History keeps the day: record the next ones sooner"
_PLACEMENTS: tuple[Rule[Home], ...] = (
    Rule("provider", "placements", "completeness", Home, "The provider, of a home that is bought",
         "No provider from the list is recorded", "Send it again in a file, with the provider",
         lambda r, _: r.bought, lambda r, _: r.provider is not None),
    Rule("registration", "placements", "completeness", Home, "How the home is registered, of a home that is bought",
         "Nothing says how the home is registered", "Say how it is registered",
         lambda r, _: r.bought, lambda r, _: r.registration != "unknown"),
    Rule("establishment", "placements", "completeness", Home, "The registration (URN), where Ofsted registers homes",
         "The home’s registration (URN) is not named", "Name the registration",
         lambda r, _: r.bought and r.registration in ("registered", "unknown") and r.service_type in REGISTERED,
         lambda r, _: r.establishment is not None),
    Rule("distance", "placements", "completeness", Home, "The distance from home, worked out from postcodes",
         "The distance from home is not known", "Give the two postcodes",
         lambda r, _: not r.respite, lambda r, _: r.distance_known),
    Rule("host", "placements", "completeness", Home, "The area in which a child lives who is outside the authority",
         "Outside the authority, and nothing says where", "Say in which area",
         lambda r, _: r.boundary == "out", lambda r, _: r.host_known),
    Rule("spot_reason", "placements", "completeness", Home, "Why a home was bought outside the frameworks",
         "Bought spot, and nothing says why", "Send it again in a file, with the spot reason",
         lambda r, _: r.route == "spot", lambda r, _: bool(r.spot_reason)),
    Rule("end_reason", "placements", "completeness", Home, "Why a home ended, once it has",
         lambda r, _: f"Ended on {_day(r.ends_before)}, and nothing says why", "Say why it ended",
         _ended, lambda r, _: bool(r.end_reason)),
    Rule("ended_by", "placements", "completeness", Home, "Who ended it, once it has",
         lambda r, _: f"Ended on {_day(r.ends_before)}, and nothing says who ended it", "Say who ended it",
         _ended, lambda r, _: bool(r.ended_by)),
    Rule("destination", "placements", "completeness", Home, "Where the child went, once a home has ended",
         lambda r, _: f"Ended on {_day(r.ends_before)}, and nothing says where the child went",
         "Say where the child went",
         _ended, lambda r, _: bool(r.destination)),
    Rule("home_recorded", "placements", "timeliness", Home,
         f"Recorded within {RECORDED_WITHIN} days of the first night",
         _late("the first night", "starts_on", RECORDED_WITHIN), ON_RECORD,
         lambda r, _: r.in_question(r.starts_on), lambda r, _: r.days_after(r.starts_on) <= RECORDED_WITHIN),
    Rule("planned_end", "placements", "consistency", Home, "An open home is not past its planned end",
         lambda r, _: f"Still open, though it was planned to end on {_day(r.planned_end_on)}", "Plan again, or end it",
         lambda r, today: r.is_open(today) and r.planned_end_on is not None,
         lambda r, today: r.planned_end_on is not None and r.planned_end_on > today),
    Rule("home_closed", "placements", "consistency", Home, "Nobody lives in a home after it closed",
         lambda r, _: f"The home is recorded as closed on {_day(r.home_closed_on)}",
         "Name the home they live in, or end it",
         lambda r, _: r.establishment is not None,
         lambda r, today: r.home_closed_on is None
         or r.home_closed_on >= (r.ends_before if r.ends_before and r.ends_before <= today else today)),
    Rule("home_of_provider", "placements", "consistency", Home,
         "The home is registered to the provider it is bought from",
         "The home is registered to another provider than the placement names", "Name the right one of its homes",
         lambda r, _: r.provider is not None and r.home_provider is not None,
         lambda r, _: r.provider == r.home_provider),
    Rule("home_where", "placements", "consistency", Home,
         "A home that is one address is registered where the child is recorded to live",
         "The home is registered in another area than the one the child is recorded to live in",
         "Check the home, or give the postcodes again",
         lambda r, _: r.service_type in ONE_ADDRESS and r.where is not None and r.host is not None,
         lambda r, _: r.where == r.host),
    Rule("home_registered", "placements", "consistency", Home, "A home with a registration is not called unregistered",
         "Recorded as unregistered or unregulated, and Ofsted’s list has the home that is named",
         "Say how it is registered",
         lambda r, _: r.establishment is not None, lambda r, _: r.registration not in UNWATCHED),
    Rule("suspended", "placements", "consistency", Home,
         "No open home was called off while it was suspended, without a reason or a decision",
         lambda r, _: f"Called off although it was suspended: {r.suspended}",
         "Decide whether the suspension is followed",
         lambda r, today: r.bought and r.is_open(today), lambda r, _: not r.suspended),
)  # fmt: skip

_REFERRALS: tuple[Rule[Search] | Rule[Reply], ...] = (
    Rule("chosen_why", "referrals", "completeness", Search, "Why the home was chosen, once one was found",
         "A home was found, and nothing says why it was chosen", "Open the search again, and say why",
         lambda r, _: r.outcome == "placed", lambda r, _: bool(r.chosen_why)),
    Rule("child_view", "referrals", "completeness", Search, "What the young person says, once a home was found",
         "A home was found, and the young person’s view is not recorded", "Record what the young person says",
         lambda r, _: r.outcome in ("placed", "in_house"), lambda r, _: bool(r.child_view)),
    Rule("answer", "referrals", "completeness", Reply,
         f"An answer, and its time, of each provider asked: {ANSWERED_AFTER} days later, or once the search is closed",
         lambda r, _: f"Asked on {_day(r.asked_on)}, and no answer is recorded", "Record the answer and its time",
         lambda r, today: r.search_closed or r.asked_on + timedelta(days=ANSWERED_AFTER) <= today,
         lambda r, _: bool(r.answer)),
    Rule("decline_reason", "referrals", "completeness", Reply, "Why a provider declined",
         "Declined, and nothing says why", "Record why it declined",
         lambda r, _: r.answer == "declined", lambda r, _: bool(r.decline_reason)),
    Rule("offer_price", "referrals", "completeness", Reply, "The price of each offer",
         "Offered a home, and no price is recorded", "Record the price",
         lambda r, _: r.answer == "offered", lambda r, _: r.priced),
    Rule("suitable", "referrals", "completeness", Reply, "Whether an offer that was not taken was suitable",
         "Offered and not chosen, and nothing says whether it was suitable", "Say whether it was suitable",
         lambda r, _: r.answer == "offered" and r.search_closed and not r.chosen, lambda r, _: r.suitable is not None),
    Rule("search_recorded", "referrals", "timeliness", Search, f"Recorded within {SEARCH_WITHIN} days of its opening",
         _late("it was opened", "opened_on", SEARCH_WITHIN), ON_RECORD,
         lambda r, _: r.in_question(r.opened_on), lambda r, _: r.days_after(r.opened_on) <= SEARCH_WITHIN),
    Rule("answer_recorded", "referrals", "timeliness", Reply, f"An answer is recorded within {ANSWER_WITHIN} days",
         _late("the answer", "answered_on", ANSWER_WITHIN), ON_RECORD,
         lambda r, _: r.in_question(r.answered_on), lambda r, _: r.days_after(r.answered_on) <= ANSWER_WITHIN),
    Rule("search_open", "referrals", "consistency", Search,
         f"A search is closed {OPEN_AFTER} days after the home was needed",
         lambda r, _: f"Still open, though a home was needed by {_day(r.needed_by)}",
         "Close the search, or say for when",
         lambda r, today: r.needed_by + timedelta(days=OPEN_AFTER) <= today, lambda r, _: bool(r.outcome)),
    Rule("search_placed", "referrals", "consistency", Search, "A search that found a home has its placement",
         "A home was found, and no placement was recorded from this search", "Record the placement from the search",
         lambda r, _: r.outcome == "placed", lambda r, _: r.placed),
    Rule("search_provider", "referrals", "consistency", Search, "The placement is with the provider that was chosen",
         "One provider’s offer was chosen, and the placement is with another", "Check which of the two is right",
         lambda r, _: r.chosen_provider is not None and r.placed_provider is not None,
         lambda r, _: r.chosen_provider == r.placed_provider),
)  # fmt: skip

_AGREEMENTS: tuple[Rule[Agreed], ...] = (
    Rule("agreement", "agreements", "completeness", Agreed,
         f"An agreement, {AGREED_WITHIN} days after the first night of a home that is bought",
         lambda r, _: f"No agreement is recorded; the first night was {_day(r.starts_on)}", "Make the agreement",
         lambda r, today: r.bought and not r.respite and r.starts_on + timedelta(days=AGREED_WITHIN) <= today,
         lambda r, _: r.first_agreed_on is not None),
    Rule("signed", "agreements", "completeness", Agreed, "Who signed for the provider and for the authority",
         "The newest version does not say who signed for both sides", "Amend the agreement, with both names",
         lambda r, _: r.first_agreed_on is not None, lambda r, _: r.signed),
    Rule("included", "agreements", "completeness", Agreed, "What the price includes",
         "The newest version does not say what the price includes", "Amend the agreement, with what it includes",
         lambda r, _: r.first_agreed_on is not None, lambda r, _: r.included),
    Rule("agreed_in_time", "agreements", "timeliness", Agreed,
         f"Agreed within {AGREED_WITHIN} days of the first night",
         lambda r, _: f"Agreed on {_day(r.first_agreed_on)}, {_days((r.first_agreed_on - r.starts_on).days)} after the "  # type: ignore[operator]
         f"first night: {AGREED_WITHIN} are allowed", "The day stays as it is: agree the next ones sooner",
         lambda r, _: r.first_agreed_on is not None,
         lambda r, _: r.first_agreed_on is not None
         and r.first_agreed_on <= r.starts_on + timedelta(days=AGREED_WITHIN)),
    Rule("agreed_lines", "agreements", "consistency", Agreed,
         "The newest version names each cost line of today, as it is",
         lambda r, _: f"The newest version does not name {r.unlike} of today’s {r.lines} cost lines as they are",
         "Amend the agreement",
         lambda r, today: r.first_agreed_on is not None and r.is_open(today) and r.lines > 0,
         lambda r, _: not r.unlike),
    Rule("agreed_end", "agreements", "consistency", Agreed, "Agreement and placement have one planned end",
         lambda r, _: f"Planned to end on {_day(r.version_planned_end_on)} by the agreement and on "
         f"{_day(r.planned_end_on)} by the placement", "Say which is right",
         lambda r, today: r.version_planned_end_on is not None and r.planned_end_on is not None and r.is_open(today),
         lambda r, _: r.version_planned_end_on == r.planned_end_on),
)  # fmt: skip

_COST_LINES: tuple[Rule[Priced] | Rule[Line], ...] = (
    Rule("price", "cost-lines", "completeness", Priced, "A price, of each open home that is bought spot",
         "Bought spot and open, and no cost line runs today", "Record what it costs",
         lambda r, _: r.route == "spot", lambda r, _: r.lines > 0),
    Rule("price_line", "cost-lines", "completeness", Line, "The price line of a core price under a framework",
         "The core price names no line of the framework’s schedule", "Replace the line, with its price line",
         lambda r, today: r.route in OF_FRAMEWORKS and r.category == "core" and r.unit != "one_off" and r.runs(today),
         lambda r, _: r.price_line),
    Rule("service", "cost-lines", "completeness", Line, "What an additional service is",
         "An additional service, and nothing says of what kind", "Replace the line, with its kind",
         lambda r, today: r.category == "additional" and r.runs(today), lambda r, _: bool(r.service)),
    Rule("review", "cost-lines", "completeness", Line, "When an additional service is looked at again",
         "An additional service without a day of review", "Set the day of review",
         lambda r, today: r.category == "additional" and r.unit != "one_off" and r.runs(today),
         lambda r, _: r.reviewed),
    Rule("line_recorded", "cost-lines", "timeliness", Line, f"Recorded within {PRICED_WITHIN} days of its first day",
         _late("its first day", "starts_on", PRICED_WITHIN), ON_RECORD,
         lambda r, _: r.in_question(r.starts_on), lambda r, _: r.days_after(r.starts_on) <= PRICED_WITHIN),
    Rule("framework_price", "cost-lines", "consistency", Priced,
         "An open home bought through a framework has a cost line that runs today",
         "Bought through a framework and open, and no cost line runs today", "Record what it costs",
         lambda r, _: r.route in OF_FRAMEWORKS, lambda r, _: r.lines > 0),
    Rule("line_within", "cost-lines", "consistency", Line, "A cost line lies within the days of its placement",
         "The cost line begins before the placement, or runs on after it ended", "End the line on the right day",
         lambda r, _: True,
         lambda r, _: r.starts_on >= r.home_from
         and (r.home_until is None or r.ends_before is not None and r.ends_before <= r.home_until
              or r.unit == "one_off" and r.starts_on < r.home_until)),
    Rule("rate", "cost-lines", "consistency", Line,
         f"A core price is less than {RATE_APART} per cent from the award’s rate",
         lambda r, _: f"Paid £{r.amount:,.2f} where the award’s rate was £{r.rate:,.2f} on {_day(r.starts_on)}",
         "Check the price against the schedule",
         lambda r, today: r.rate is not None and r.runs(today),
         lambda r, _: (apart(r) or Decimal(0)) < RATE_APART),
)  # fmt: skip

_VISITS: tuple[Rule[Visited], ...] = (
    Rule("visit_lead", "visits", "completeness", Visited, "Who leads the visit",
         "Nobody is named as leading it", "Name who leads it",
         lambda r, _: r.state != "cancelled", lambda r, _: r.lead),
    Rule("visit_premises", "visits", "completeness", Visited,
         "The premises, where a registration has several addresses",
         "The registration has several addresses, and the visit names none", "Plan it again, to one of the premises",
         lambda r, _: r.many and r.state != "cancelled", lambda r, _: r.premises),
    Rule("published", "visits", "timeliness", Visited, f"Published within {PUBLISHED_WITHIN} days",
         lambda r, _: f"Visited on {_day(r.visited_on)} and {_published(r)}: {PUBLISHED_WITHIN} days are allowed",
         "Send it to the provider, and publish it",
         lambda r, today: r.done and (r.published_on is not None or _publish_by(r) < today),
         lambda r, _: r.published_on is not None and r.published_on <= _publish_by(r)),
    Rule("visit_past", "visits", "consistency", Visited,
         f"No visit is still planned {PLANNED_PAST} days after its day",
         lambda r, _: f"Planned for {_day(r.planned_on)}, and not recorded as made", "Record it, move it or cancel it",
         lambda r, today: r.state != "cancelled" and r.planned_on + timedelta(days=PLANNED_PAST) <= today,
         lambda r, _: r.state != "planned"),
    Rule("visit_closed", "visits", "consistency", Visited, "No visit to a home after it closed",
         lambda r, _: f"The home is recorded as closed on {_day(r.home_closed_on)}",
         "Check the home, or cancel the visit",
         lambda r, _: r.state != "cancelled",
         lambda r, _: r.home_closed_on is None or r.home_closed_on >= (r.visited_on or r.planned_on)),
)  # fmt: skip

_RETURNS: tuple[Rule[Returned], ...] = (
    Rule("returned", "kpi-returns", "completeness", Returned, "Each return, once its day is past",
         lambda r, _: f"Due on {_day(r.due_on)}, and not returned", "Ask the provider for it",
         lambda r, today: r.sent_on is not None or r.due_on < today, lambda r, _: r.sent_on is not None),
    Rule("returned_in_time", "kpi-returns", "timeliness", Returned, "Returned by the day it was due",
         lambda r, _: f"Due on {_day(r.due_on)} and returned on {_day(r.sent_on)}",
         "The day stays as it is: remind the provider sooner",
         lambda r, _: r.sent_on is not None, lambda r, _: r.sent_on is not None and r.sent_on <= r.due_on),
    Rule("return_checked", "kpi-returns", "consistency", Returned, "What was checked is neither queried nor disputed",
         lambda r, _: f"The figure is {r.check}: the provider and we say different things",
         "Settle it with the provider",
         lambda r, _: bool(r.check), lambda r, _: r.check == "verified"),
)  # fmt: skip

_SURVEYS: tuple[Rule[Said], ...] = (
    Rule("answer_home", "surveys", "completeness", Said, "Which placement the answers are about",
         "Nothing says which placement the answers are about", "Send the file again, with the placement",
         lambda r, _: True, lambda r, _: r.placement),
    Rule("answer_provider", "surveys", "completeness", Said, "The provider, where the placement has one",
         "The placement has a provider, and the answers name none", "Send the file again, with the provider",
         lambda r, _: r.home_provider is not None, lambda r, _: r.provider is not None),
    Rule("said_recorded", "surveys", "timeliness", Said, f"Recorded within {SURVEY_WITHIN} days",
         _late("the answers", "answered_on", SURVEY_WITHIN), ON_RECORD,
         lambda r, _: r.in_question(r.answered_on), lambda r, _: r.days_after(r.answered_on) <= SURVEY_WITHIN),
    Rule("said_within", "surveys", "consistency", Said,
         f"Answered while the home lasted, or within {AFTER_LEAVING} days of leaving",
         "Answered on a day on which the young person did not live there", "Check the day and the placement",
         lambda r, _: r.home_from is not None,
         lambda r, _: r.home_from is not None and r.home_from <= r.answered_on
         and (r.home_until is None or r.answered_on <= r.home_until + timedelta(days=AFTER_LEAVING))),
    Rule("said_provider", "surveys", "consistency", Said, "Answers and placement name one provider",
         "The answers name another provider than the placement", "Check which of the two is right",
         lambda r, _: r.provider is not None and r.home_provider is not None,
         lambda r, _: r.provider == r.home_provider),
)  # fmt: skip


def _publish_by(row: Visited) -> date:
    return (row.visited_on or row.planned_on) + timedelta(days=PUBLISHED_WITHIN)


def _published(row: Visited) -> str:
    return f"published on {_day(row.published_on)}" if row.published_on else "not published"


RULES: tuple[Rule[Any], ...] = (
    *_PLACEMENTS, *_REFERRALS, *_AGREEMENTS, *_COST_LINES, *_VISITS, *_RETURNS, *_SURVEYS,
)  # fmt: skip
