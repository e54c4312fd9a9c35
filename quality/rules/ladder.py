"""The ladder with a provider: concern letter, default notice with a deadline, and when to consider termination.

Five default notices prompt it (FIELD.md 3.10). One that was withdrawn stays on the record and is not counted.
"""

from collections.abc import Iterable

CONSIDER_AFTER = 5
WITH_DEADLINE = ("default_notice",)


def counted(steps: Iterable[tuple[str, str]]) -> int:
    """How many default notices stand, of (stage, state) of each step."""
    return sum(stage == "default_notice" and state != "withdrawn" for stage, state in steps)


def consider_termination(steps: Iterable[tuple[str, str]]) -> bool:
    return counted(steps) >= CONSIDER_AFTER
