"""What young people answered: every figure against an oracle that reads one answer after another."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from quality.measures.own_records import KINDS, tied
from quality.measures.voice import BEHALF, THEIRS, Result, Selection, response_rates, results
from quality.models import SurveyInvitation
from quality.rules.proportions import DIFFERENT, PERHAPS, SAME, limits, moved, stands, wilson
from tests.quality.voices import TODAY, as_member, oracle, scene, service, statement_set

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FIRST, UNTIL = TODAY - timedelta(days=365), TODAY + timedelta(days=1)


def told(found):
    return {
        (each.statement, *each.key): (dict(each.said), each.unsaid, each.people, each.behalf, each.newest_on)
        for each in found
    }


def quarter(day):
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def test_each_statement_equals_the_oracle_for_every_provider_kind_lot_and_quarter(reference):
    southwark, lewisham = reference["southwark"], reference["lewisham"]
    scene((southwark, lewisham))
    with service():
        made = statement_set()
    for member in (southwark, lewisham):
        with as_member(member):
            ask = Selection(made.pk, FIRST, UNTIL)
            keys = {
                (): lambda r: (), ("provider",): lambda r: (r.provider_id,), ("service",): lambda r: (r.service_type,),
                ("quarter",): lambda r: (quarter(r.answered_on),), ("lot",): lambda r: (r.lot_id,),
                ("provider", "quarter"): lambda r: (r.provider_id, quarter(r.answered_on)),
            }  # fmt: skip
            for by, key in keys.items():
                expected = {(s, *k): said for (s, k), said in oracle(member, FIRST, UNTIL, key).items()}
                assert told(results(ask, by)) == expected, by
                assert expected
            providers = {each.key[0] for each in results(ask, ("provider",)) if each.key[0]}
            assert len(providers) == 3
            for who, passes in (
                (THEIRS, lambda r: r.answered_by != "behalf"), ("helped", lambda r: r.answered_by == "helped"),
                (BEHALF, lambda r: r.answered_by == "behalf"),
            ):  # fmt: skip
                narrowed = results(Selection(made.pk, FIRST, UNTIL, service="supported", who=who), (), 1)
                expected = oracle(
                    member, FIRST, UNTIL, lambda r: (),
                    passes=lambda r: r.service_type == "supported" and passes(r),  # noqa: B023
                )  # fmt: skip
                assert told(narrowed) == {(s, *k): v for (s, k), v in expected.items() if s == 1}, who
            one = next(iter(sorted(providers)))
            alone = results(Selection(made.pk, None, UNTIL, provider=one), ("quarter",))
            expected = oracle(
                member, date(2000, 1, 1), UNTIL, lambda r: (quarter(r.answered_on),),
                passes=lambda r: r.provider_id == one,  # noqa: B023
            )  # fmt: skip
            assert told(alone) == {(s, *k): v for (s, k), v in expected.items()}
            _rates(ask, made)
            with pytest.raises(ValueError, match="child"):
                results(ask, ("child",))
    with as_member(reference["greenwich"]):
        assert results(Selection(made.pk, None, UNTIL)) == []


def _rates(ask, made):
    counts: dict = {}
    for link in SurveyInvitation.objects.filter(withdrawn_on=None).select_related("placement"):
        if FIRST <= link.due_on < UNTIL:
            home = link.placement
            for statement in range(11):
                sums = counts.setdefault((statement, home.provider_id), [0, 0])
                sums[0] += 1
                sums[1] += link.answered_on is not None
    found = response_rates(ask, ("provider",))
    assert {key: [each.asked, each.answered] for key, each in found.items()} == counts
    assert any(0 < each.percent < 100 for each in found.values())


def test_interval_and_limits_agree_and_are_wilsons():
    """Against the interval's own definition: the shares from which what was seen lies within 1.96 errors."""
    for n in (1, 4, 8, 30, 57, 400):
        for k in {0, 1, n // 2, n - 1, n}:
            p = Decimal(100 * k) / n
            found = wilson(p, n)
            inside = [each for t in range(1, 1000) if limits(each := Decimal(t) / 10, n).holds(p)]
            assert found.low - Decimal("1e-9") <= p <= found.high + Decimal("1e-9")
            if inside and k not in (0, n):
                assert max(abs(found.low - inside[0]), abs(found.high - inside[-1])) <= Decimal("0.1"), (k, n)
    found = wilson(Decimal("82.456"), 57)
    assert [round(each, 1) for each in (found.low, found.high)] == [Decimal("70.6"), Decimal("90.2")]
    assert (wilson(50, 0), limits(50, 0)) == (None, None)
    assert [stands(80, 40, 82), stands(60, 40, 82), stands(40, 40, 82)] == [SAME, DIFFERENT, DIFFERENT]
    assert stands(68, 40, 82) == PERHAPS
    assert stands(0, 3, 100) == SAME, "where everybody agrees there is no chance to go by"
    far = [(50, 100, 80, 100), (80, 100, 50, 100), (50, 10, 60, 10), (1, 0, 2, 5)]
    assert [moved(*each) for each in far] == [True, True, False, False]
    half = Result(1, said={1: 1, 2: 0, 3: 0, 4: 1, 5: 6})
    assert (half.n, half.agree, half.whole) == (8, 7, round(Fraction(700, 8)))


def test_each_measure_of_our_records_that_the_list_names_is_known():
    listed = tied()["southwark"]
    assert {1, 4, 7, 8, 10} <= set(listed) <= set(range(1, 11))
    assert {key for keys in listed.values() for key in keys} == set(KINDS)
