"""What may be told of call-offs, attacked: small cells, cells that grow, one provider, all alike, own numbers."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import call_offs
from contracts.rules.call_offs import FEWEST, FIVES, process_id, quarter_of, settled_before, told, told_from


def cell(**providers):
    """Call-offs of as many children with each provider."""
    return [(name, f"{name}{n}") for name, count in providers.items() for n in range(count)]


def test_the_rules_case_by_case():
    assert told(cell(a=7), 3) == {}
    assert told(cell(a=8), 3) == {None: 5}  # all with one: told, and nobody named
    assert told(cell(a=8), 1) == {}  # the lot's name would name the provider
    assert told(cell(a=3, b=3, c=3, d=2), 4) == {None: 10}
    assert told(cell(a=8, b=8), 2) == {"a": 5, "b": 5}
    assert told(cell(a=12, b=8, c=4, d=5), 4) == {"a": 10, "b": 5, None: 5}
    assert told(cell(a=12, b=8, c=4), 4) == {None: 20}  # the four would be what is missing
    assert told(cell(a=12, b=3), 9) == {}  # a would know of three elsewhere
    one_family = [("a", "family")] * 7 + cell(b=4)
    assert told(one_family, 3) == {}  # eleven call-offs, of five families
    moved = [("a", "x")] * 9
    assert told(moved, 3) == {}  # nine call-offs of one child


def test_quarters_are_told_when_they_have_settled_and_not_before():
    day = date(2023, 12, 31)
    while day < date(2025, 2, 1):
        for quarter in (date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)):
            last = told_from(quarter) - timedelta(days=1)
            is_told = quarter < settled_before(day)
            assert is_told == (day >= told_from(quarter)), (day, quarter)
            assert last - quarter > timedelta(days=180)
        day += timedelta(days=1)
    assert quarter_of(date(2024, 3, 31)) == date(2024, 1, 1)
    assert settled_before(date(2026, 4, 20)) == date(2026, 1, 1)


CELLS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 40)), max_size=45)


@settings(max_examples=300, deadline=None)
@given(CELLS, st.integers(0, 5))
def test_no_cell_tells_of_fewer_than_eight(made, on_lot):
    by = defaultdict(set)
    for provider, family in made:
        by[provider].add(family)
    said = told(made, on_lot)
    everybody = set().union(*by.values()) if by else set()
    if not said:
        return
    assert len(everybody) >= FEWEST
    assert on_lot >= 2
    for provider, count in said.items():
        true = [each for each in made if each[0] == provider or (provider is None and each[0] not in said)]
        families = {family for _, family in true}
        assert len(families) >= FEWEST
        assert count % FIVES == 0
        assert 0 < count <= len(true) < count + FIVES
    if len(by) == 1:
        assert set(said) == {None}
    for provider in by:  # whoever takes away its own is left with nobody, or with eight
        others = set().union(*(by[each] for each in by if each != provider))
        assert not others or len(others) >= FEWEST


@settings(max_examples=200, deadline=None)
@given(CELLS, st.tuples(st.sampled_from("abcd"), st.integers(0, 40)))
def test_two_files_with_one_call_off_between_them_never_part_by_it(made, more):
    """What is told changes by whole fives or not at all: never by the one."""
    before, after = told(made, 4), told([*made, more], 4)
    for provider in {*before, *after}:
        assert (after.get(provider, 0) - before.get(provider, 0)) % FIVES == 0


def test_a_provider_who_knows_its_own_learns_of_no_few():
    """Every cell of three providers, as each of them sees it: what it may conclude of the others is that they have
    nobody, or some number of eight or more."""
    fits = defaultdict(set)
    for a, b, c in product(range(14), repeat=3):
        said = told(cell(a=a, b=b, c=c), 3)
        if said:
            fits[a, tuple(sorted(said.items(), key=str))].add(b + c)
    assert fits
    assert all(number == 0 or number >= FEWEST for numbers in fits.values() for number in numbers)


def test_ids_are_of_the_cell_and_of_this_installation():
    first = process_id("key", "buyer", "lot", date(2025, 4, 1), "", place=1)
    assert first == process_id("key", "buyer", "lot", date(2025, 4, 1), "", place=1)
    others = [
        process_id("other", "buyer", "lot", date(2025, 4, 1), "", place=1),
        process_id("key", "buyer", "lot", date(2025, 4, 1), "", place=2),
        process_id("key", "buyer", "lot", date(2025, 7, 1), "", place=1),
        process_id("key", "buyer", "lot", date(2025, 4, 1), "provider", place=1),
    ]
    assert len({first, *others}) == 5
    assert len(first) == 40
    assert call_offs.__doc__.count("child") > 5  # the rules stand beside the code, with their reasons
