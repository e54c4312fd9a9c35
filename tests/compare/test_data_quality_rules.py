"""Each rule on a row that breaks it and on one that does not, and what scores come to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from commissioning.compare.rules import data_quality as dq
from commissioning.compare.rules.data_quality import RESOURCES, SIDES, WEIGHTS, judge
from commissioning.compare.rules.data_quality_asked import RULES
from commissioning.compare.rules.data_quality_rows import (
    Agreed,
    Home,
    Line,
    Priced,
    Reply,
    Returned,
    Said,
    Search,
    Visited,
)

TODAY = date(2026, 4, 20)
BEGAN = date(2026, 1, 5)
AT = {"key": "1", "what": "Row 1", "uuid": "u"}
ENTERED = {"recorded_on": BEGAN, "since": date(2025, 1, 1)}


def days(number: int, after: date = BEGAN) -> date:
    return after + timedelta(days=number)


# Of each kind a row of which as many rules as can be apply, and all hold.
OPEN = Home(
    **AT, **ENTERED, service_type="residential", route="spot", respite=False, starts_on=BEGAN, provider=1,
    establishment=2, home_provider=1, where=3, host=3, host_known=True, boundary="out", distance_known=True,
    registration="registered", spot_reason="specialist", planned_end_on=days(1, TODAY),
)  # fmt: skip
ENDED = replace(
    OPEN, ends_before=date(2026, 3, 2), end_reason="CARPL", ended_by="plan", destination="family", planned_end_on=None
)
SEARCH = Search(
    **AT, **ENTERED, opened_on=BEGAN, needed_by=BEGAN, outcome="placed", chosen_why="x", child_view="x", placed=True,
    chosen_provider=1, placed_provider=1,
)  # fmt: skip
OFFER = Reply(
    **AT, **ENTERED, asked_on=BEGAN, answered_on=BEGAN, answer="offered", priced=True, suitable=False,
    search_closed=True,
)  # fmt: skip
DECLINE = replace(OFFER, answer="declined", decline_reason="price", priced=False, suitable=None)
AGREED = Agreed(
    **AT, bought=True, respite=False, starts_on=BEGAN, ends_before=None, planned_end_on=TODAY, first_agreed_on=BEGAN,
    signed=True, included=True, version_planned_end_on=TODAY, lines=2,
)  # fmt: skip
PRICED = Priced(**AT, route="framework", lines=1)
CORE = Line(
    **AT, **ENTERED, category="core", route="framework", unit="week", starts_on=BEGAN, ends_before=None,
    home_from=BEGAN, home_until=None, amount=Decimal(100), rate=Decimal(100), price_line=True,
)  # fmt: skip
EXTRA = replace(CORE, category="additional", service="therapy", reviewed=True, price_line=False, rate=None)
VISIT = Visited(
    **AT, state="published", planned_on=BEGAN, visited_on=BEGAN, published_on=BEGAN, lead=True, many=True, premises=True
)
RETURN = Returned(**AT, due_on=BEGAN, sent_on=BEGAN, check="verified")
SAID = Said(
    **AT, **ENTERED, answered_on=BEGAN, placement=True, provider=1, home_provider=1, home_from=BEGAN,
    home_until=days(5),
)  # fmt: skip

# rule -> (a row that does not break it, what breaks it, what takes the question away)
CASES = {
    "provider": (OPEN, {"provider": None}, {"route": "in_house"}),
    "registration": (OPEN, {"registration": "unknown"}, {"route": "in_house"}),
    "establishment": (OPEN, {"establishment": None}, {"registration": "unregistered"}),
    "distance": (OPEN, {"distance_known": False}, {"respite": True}),
    "host": (OPEN, {"host_known": False}, {"boundary": "in"}),
    "spot_reason": (OPEN, {"spot_reason": ""}, {"route": "framework"}),
    "end_reason": (ENDED, {"end_reason": ""}, {"ends_before": days(1, TODAY)}),
    "ended_by": (ENDED, {"ended_by": ""}, {"respite": True}),
    "destination": (ENDED, {"destination": ""}, {"ends_before": None}),
    "home_recorded": (OPEN, {"recorded_on": days(6)}, {"since": days(1)}),
    "planned_end": (OPEN, {"planned_end_on": TODAY}, {"ends_before": TODAY}),
    "home_closed": (OPEN, {"home_closed_on": days(-1, TODAY)}, {"establishment": None}),
    "home_of_provider": (OPEN, {"home_provider": 9}, {"home_provider": None}),
    "home_where": (OPEN, {"where": 9}, {"service_type": "fostering"}),
    "home_registered": (OPEN, {"registration": "applied"}, {"establishment": None}),
    "suspended": (OPEN, {"suspended": "Alder is suspended"}, {"ends_before": TODAY}),
    "chosen_why": (SEARCH, {"chosen_why": ""}, {"outcome": "withdrawn"}),
    "child_view": (SEARCH, {"child_view": ""}, {"outcome": "withdrawn"}),
    "answer": (OFFER, {"answer": "", "answered_on": None}, {"search_closed": False, "asked_on": days(-13, TODAY)}),
    "decline_reason": (DECLINE, {"decline_reason": ""}, {"answer": "offered"}),
    "offer_price": (OFFER, {"priced": False}, {"answer": "declined"}),
    "suitable": (OFFER, {"suitable": None}, {"chosen": True}),
    "search_recorded": (SEARCH, {"recorded_on": days(3)}, {"since": days(1)}),
    "answer_recorded": (OFFER, {"recorded_on": days(3)}, {"answered_on": None}),
    "search_open": (SEARCH, {"outcome": ""}, {"needed_by": days(-27, TODAY)}),
    "search_placed": (SEARCH, {"placed": False}, {"outcome": "in_house"}),
    "search_provider": (SEARCH, {"placed_provider": 2}, {"placed_provider": None}),
    "agreement": (AGREED, {"first_agreed_on": None}, {"starts_on": days(-27, TODAY)}),
    "signed": (AGREED, {"signed": False}, {"first_agreed_on": None}),
    "included": (AGREED, {"included": False}, {"first_agreed_on": None}),
    "agreed_in_time": (AGREED, {"first_agreed_on": days(29)}, {"first_agreed_on": None}),
    "agreed_lines": (AGREED, {"unlike": 1}, {"ends_before": TODAY}),
    "agreed_end": (AGREED, {"planned_end_on": BEGAN}, {"planned_end_on": None}),
    "price": (replace(PRICED, route="spot"), {"lines": 0}, {"route": "in_house"}),
    "price_line": (CORE, {"price_line": False}, {"unit": "one_off"}),
    "service": (EXTRA, {"service": ""}, {"category": "core"}),
    "review": (EXTRA, {"reviewed": False}, {"ends_before": TODAY}),
    "line_recorded": (CORE, {"recorded_on": days(15)}, {"recorded_on": None}),
    "framework_price": (PRICED, {"lines": 0}, {"route": "block"}),
    "line_within": (CORE, {"home_until": days(9)}, None),
    "rate": (CORE, {"amount": Decimal(110)}, {"rate": None}),
    "visit_lead": (VISIT, {"lead": False}, {"state": "cancelled"}),
    "visit_premises": (VISIT, {"premises": False}, {"many": False}),
    "published": (VISIT, {"published_on": days(43)}, {"published_on": None, "visited_on": days(-42, TODAY)}),
    "visit_past": (VISIT, {"state": "planned", "visited_on": None}, {"planned_on": days(-6, TODAY)}),
    "visit_closed": (VISIT, {"home_closed_on": days(-1)}, {"state": "cancelled"}),
    "returned": (RETURN, {"sent_on": None}, {"sent_on": None, "due_on": TODAY}),
    "returned_in_time": (RETURN, {"sent_on": days(1)}, {"sent_on": None}),
    "return_checked": (RETURN, {"check": "queried"}, {"check": ""}),
    "answer_home": (SAID, {"placement": False}, None),
    "answer_provider": (SAID, {"provider": None}, {"home_provider": None}),
    "said_recorded": (SAID, {"recorded_on": days(8)}, {"since": days(1)}),
    "said_within": (SAID, {"home_from": days(1)}, {"home_from": None}),
    "said_provider": (SAID, {"home_provider": 2}, {"home_provider": None}),
}
# On the last day that holds, and one that still does.
EDGES = [
    ("home_recorded", OPEN, {"recorded_on": days(5)}),
    ("home_recorded", OPEN, {"recorded_on": days(-30)}),
    ("search_recorded", SEARCH, {"recorded_on": days(2)}),
    ("answer_recorded", OFFER, {"recorded_on": days(2)}),
    ("line_recorded", CORE, {"recorded_on": days(14)}),
    ("agreed_in_time", AGREED, {"first_agreed_on": days(28)}),
    ("published", VISIT, {"published_on": days(42)}),
    ("said_recorded", SAID, {"recorded_on": days(7)}),
    ("said_within", SAID, {"answered_on": days(95)}),
    ("rate", CORE, {"amount": Decimal("109.99")}),
    ("home_closed", ENDED, {"home_closed_on": date(2026, 3, 2)}),
    ("line_within", CORE, {"unit": "one_off", "home_until": days(9)}),
    ("line_within", CORE, {"ends_before": days(9), "home_until": days(9)}),
]


def rule(key):
    return next(each for each in RULES if each.key == key)


def test_every_rule_has_a_row_that_breaks_it_and_one_that_does_not():
    assert [each.key for each in RULES] == list(CASES)
    assert {(each.resource, each.side) for each in RULES} == {(r, s) for r in RESOURCES for s in SIDES}
    for key, (good, breaks, aside) in CASES.items():
        asking, bad = rule(key), replace(good, **breaks)
        assert (asking.asked(good, TODAY), asking.met(good, TODAY)) == (True, True), key
        assert (asking.asked(bad, TODAY), asking.met(bad, TODAY)) == (True, False), key
        if aside is not None:
            assert not asking.asked(replace(good, **aside), TODAY), key
        said = asking.says(bad, TODAY)
        assert (said[0].isupper(), said.endswith("."), "None" in said) == (True, False, False), (key, said)


@pytest.mark.parametrize(("key", "good", "changed"), EDGES, ids=[f"{each[0]}-{n}" for n, each in enumerate(EDGES)])
def test_limits_hold_on_their_last_day(key, good, changed):
    row = replace(good, **changed)
    assert (rule(key).asked(row, TODAY), rule(key).met(row, TODAY)) == (True, True)


def test_a_good_row_of_each_kind_needs_nothing():
    rows = {}
    for good, *_ in CASES.values():
        rows.setdefault(type(good), []).append(good)
    judged = judge(RULES, rows, TODAY)
    assert (judged.faults, judged.rows_wrong) == ([], 0)
    assert {judged.score(resource).per_cent for resource in RESOURCES} == {100}


def test_a_score_is_the_weighted_mean_of_the_sides_that_apply():
    late = replace(RETURN, sent_on=days(1))
    missing = replace(RETURN, key="2", sent_on=None, check="")
    judged = judge(RULES, {Returned: [late, missing]}, TODAY)
    score = judged.score("kpi-returns")
    assert {side: (share.said, share.of, share.per_cent) for side, share in score.shares.items()} == {
        "completeness": (1, 2, 50), "timeliness": (0, 1, 0), "consistency": (1, 1, 100),
    }  # fmt: skip
    weights = WEIGHTS["completeness"], WEIGHTS["timeliness"], WEIGHTS["consistency"]
    assert score.per_cent == (50 * weights[0] + 100 * weights[2]) // sum(weights)
    assert judge(RULES, {}, TODAY).score("kpi-returns").per_cent is None
    alone = judge(RULES, {Returned: [missing]}, TODAY).score("kpi-returns")
    assert (alone.shares["timeliness"].per_cent, alone.per_cent) == (None, 0), "a side that is not asked has no weight"
    assert (judged.rows_wrong, len(judged.faults)) == (2, 2)


def test_one_row_that_lacks_two_things_is_one_row():
    judged = judge(RULES, {Home: [replace(OPEN, provider=None, spot_reason="")]}, TODAY)
    assert (judged.rows_wrong, len(judged.faults)) == (1, 2)


def test_what_is_printed_of_the_limits_is_what_holds():
    words = " ".join(dq.LIMITS)
    for limit in (dq.RECORDED_WITHIN, dq.PRICED_WITHIN, dq.AGREED_WITHIN, dq.PUBLISHED_WITHIN, dq.RATE_APART):
        assert f" {limit} " in words
