"""Latest judgements as counts in words, each scale apart and never averaged."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from ..rules import scales
from ..rules.scales import scale_of as scale_of


def counted(judgements: Iterable[tuple[str, str]]) -> dict[str, str]:
    """(scale, judgement or "") of each establishment -> {"grades": "1 Inadequate, 3 Good, 1 not yet inspected"}."""
    by_scale: dict[str, Counter[str]] = defaultdict(Counter)
    for scale, judgement in judgements:
        by_scale[scale][judgement] += 1
    return {scale: ", ".join(_said(counts)) for scale, counts in by_scale.items()}


def _said(counts: Counter[str]) -> Iterable[str]:
    for judgement in scales.WORST_FIRST:
        if counts[judgement]:
            yield f"{counts[judgement]} {scales.ALL_JUDGEMENTS.get(judgement) or scales.NOT_YET_INSPECTED.lower()}"
