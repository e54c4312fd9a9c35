"""Whether a peer group's figures could be told apart: asked before a release is built, by the rule that builds it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .disclosure import Thresholds
from .figures import admitted

ASKED = 0  # the key of the group that is asked about: no row has it


@dataclass(frozen=True)
class Standing:
    """Supposing that every member contributes. `least`: how many must be inside a group, and outside it."""

    told_apart: bool
    inside: int
    outside: int
    least: int

    @property
    def why(self) -> str:
        """One sentence."""
        rule = f"any part of the partnership that is told apart needs {self.least} authorities that contribute"
        if self.told_apart:
            return f"Its figures can be told apart: {self.inside} authorities are in it and {self.outside} outside it."
        if not self.outside:
            return "It names every member, so its figures are the partnership’s own."
        if self.inside < self.least:
            return f"Its figures cannot be told apart: {_count(self.inside)} in it, and {rule}."
        if self.outside < self.least:
            return (
                f"Its figures cannot be told apart: {_count(self.outside)} outside it, whose figures whoever takes the "
                f"group from the partnership would find, and {rule}."
            )
        return (
            "Its figures cannot be told apart beside those of the groups that were there before it: between them they "
            f"would leave a few alone, and {rule}."
        )


def standing(
    chosen: Collection[int], earlier: Mapping[int, Collection[int]], members: Collection[int], rules: Thresholds,
    before: Collection[Collection[int]] = (),
) -> Standing:  # fmt: skip
    """Of a group beside those that come before it. `earlier`: group -> its authorities, in the order they were made;
    `before`: groups that an earlier release told apart, as they were then."""
    everyone = frozenset(members)
    inside = everyone & frozenset(chosen)
    outside = len(everyone) - len(inside)
    kept = admitted({**earlier, ASKED: inside}, everyone, rules, before)
    return Standing(ASKED in kept and outside > 0, len(inside), outside, least(rules))


def least(rules: Thresholds) -> int:
    return rules.viewers + rules.other_authorities


def smallest_partnership(rules: Thresholds) -> int:
    """How many must contribute before any group of fewer than all can be told apart."""
    return 2 * least(rules)


def _count(n: int) -> str:
    return "one authority is" if n == 1 else f"{n or 'no'} authorities are"
