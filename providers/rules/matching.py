"""The nearest recorded names to one that nobody recorded: for a person to confirm, never to merge by itself."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from .names import fold

LEAST_LIKENESS = 70  # out of 100, by rapidfuzz's token_sort_ratio
LEAST_PART, PART_LIKENESS = 6, 85  # letters typed before a part of a name is looked for; by partial_ratio


def nearest_names(name: str, recorded: Sequence[str], *, most: int = 3) -> list[str]:
    """Up to `most` recorded names, likest first; empty where none is near."""
    found = process.extract(fold(name), [fold(other) for other in recorded], scorer=fuzz.token_sort_ratio, limit=most)
    return [recorded[index] for _, score, index in found if score >= LEAST_LIKENESS]


def likely_names(typed: str, recorded: Sequence[str], *, most: int = 3) -> list[str]:
    """The nearest; else those that hold every word typed; else those of which a part is near, for somebody who typed
    half a name and that wrongly ("Celadon Nuthach")."""
    found = nearest_names(typed, recorded, most=most) or names_with(typed, recorded)
    if found or len(fold(typed)) < LEAST_PART:
        return found
    folded = [fold(other) for other in recorded]
    parts = process.extract(fold(typed), folded, scorer=fuzz.partial_ratio, limit=most)
    return [recorded[index] for _, score, index in parts if score >= PART_LIKENESS]


def names_with(words: str, recorded: Sequence[str], *, most: int = 5) -> list[str]:
    """Up to `most` recorded names that contain every one of the words typed, parts of words too, in the order given."""
    wanted = fold(words).split()
    if not wanted:
        return []
    return [name for name in recorded if all(word in fold(name) for word in wanted)][:most]
