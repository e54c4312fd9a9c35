"""Children: references kept as digests, joined and split by a recorded action."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from contracts.actions.children import (
    add_reference,
    find_child,
    group_siblings,
    join_children,
    opened,
    split_child,
)
from contracts.models import Child, ChildReference, Placement
from contracts.rules import references
from contracts.rules.ages import age_on, band_of
from tests.contracts.bought import BY, TODAY, child_of, spot_placement

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_a_child_is_found_by_any_spelling_of_its_reference(world, as_authority):
    with as_authority(world.southwark):
        child = child_of(world.southwark, "cs 12345")
        assert find_child(authority=world.southwark, reference="CS12345") == child
        assert find_child(authority=world.southwark, reference="CS12345", scheme="census") is None
        kept = ChildReference.objects.get(child=child)
        assert "12345" not in kept.digest + kept.sealed
        assert opened(kept, world.southwark) == "cs 12345"
        with pytest.raises(ValidationError, match="join the two"):
            add_reference(child=child_of(world.southwark), scheme="case", reference="CS12345", by=BY)


def test_the_same_reference_in_two_authorities_is_not_linkable(world, as_authority):
    digests = []
    for authority in (world.southwark, world.lewisham):
        with as_authority(authority):
            digests.append(ChildReference.objects.get(child=child_of(authority, "CS1")).digest)
    assert digests[0] != digests[1]


def test_a_sealed_reference_opens_with_its_own_key_alone():
    sealed = references.seal("key", "whose", "case", "CS1")
    assert references.unseal("key", "whose", "case", sealed) == "CS1"
    for key, whose, scheme in (("other", "whose", "case"), ("key", "another", "case"), ("key", "whose", "census")):
        with pytest.raises(references.NotOurs):
            references.unseal(key, whose, scheme, sealed)


def test_numbers_count_within_the_authority(world, as_authority):
    with as_authority(world.southwark):
        assert [child_of(world.southwark).number for _ in range(3)] == [1, 2, 3]
    with as_authority(world.lewisham):
        assert child_of(world.lewisham).number == 1


def test_a_child_born_tomorrow_is_refused(world, as_authority):
    with as_authority(world.southwark), pytest.raises(ValidationError, match="future"):
        child_of(world.southwark, born_on=date(2026, 4, 21))


def test_two_records_of_one_child_are_joined_and_told(world, as_authority):
    with as_authority(world.southwark):
        kept, other = child_of(world.southwark, "A1"), child_of(world.southwark, "B2")
        theirs = spot_placement(other)
        with pytest.raises(ValidationError, match="Say why"):
            join_children(kept=kept, other=other, reason=" ", by=BY, today=TODAY)
        join_children(kept=kept, other=other, reason="Same child: name changed", by=BY, today=TODAY)
        assert Placement.objects.get(pk=theirs.pk).child == kept
        assert find_child(authority=world.southwark, reference="B2") == kept
        assert not Child.objects.filter(pk=other.pk).exists()


def test_two_homes_on_one_day_are_not_joined(world, as_authority):
    with as_authority(world.southwark):
        kept, other = child_of(world.southwark), child_of(world.southwark)
        spot_placement(kept)
        spot_placement(other, starts_on=date(2026, 1, 5))
        with pytest.raises(ValidationError, match="one child lives in one home"):
            join_children(kept=kept, other=other, reason="Same child", by=BY, today=TODAY)


def test_one_record_of_two_children_is_split(world, as_authority):
    with as_authority(world.southwark):
        child = child_of(world.southwark, "A1")
        wrong = add_reference(child=child, scheme="ssda903", reference="77", by=BY)
        home = spot_placement(child)
        other = split_child(
            child=child,
            references_moved=[wrong],
            placements_moved=[home],
            reason="Two children",
            by=BY,
            today=TODAY,
        )
        assert find_child(authority=world.southwark, reference="77") == other
        assert Placement.objects.get(pk=home.pk).child == other
        with pytest.raises(ValidationError, match="at least one reference"):
            split_child(child=other, references_moved=[wrong], placements_moved=[], reason="No", by=BY, today=TODAY)


def test_siblings_share_a_group(world, as_authority):
    with as_authority(world.southwark):
        three = [child_of(world.southwark) for _ in range(3)]
        first = group_siblings(children=three[:2], by=BY)
        three = list(Child.objects.order_by("number"))
        assert group_siblings(children=three[1:], by=BY) == first
        assert {child.sibling_group_id for child in Child.objects.all()} == {first.pk}


@pytest.mark.parametrize(
    ("day", "born", "age"),
    [
        (date(2026, 5, 16), date(2012, 5, 17), 13),
        (date(2026, 5, 17), date(2012, 5, 17), 14),
        (date(2026, 2, 28), date(2008, 2, 29), 17),
        (date(2026, 3, 1), date(2008, 2, 29), 18),
        (date(2024, 2, 29), date(2008, 2, 29), 16),
        (date(2010, 1, 1), date(2012, 5, 17), 0),
    ],
)
def test_ages(day, born, age):
    assert age_on(day, born) == age


def test_an_age_that_was_recorded_grows():
    assert age_on(date(2026, 4, 1), None, 14, date(2025, 3, 31)) == 15
    assert age_on(date(2026, 3, 30), None, 14, date(2025, 3, 31)) == 14
    assert age_on(date(2026, 3, 30), None) is None
    assert [band_of(age) for age in (0, 4, 5, 17, 18, 26, None)] == [
        "0 to 4", "0 to 4", "5 to 10", "16 to 17", "18 to 25", "26 and over", "",
    ]  # fmt: skip
