"""How a judgement stands to the one before it on the same scale, and which judgement limited it."""

from .scales import ALL_JUDGEMENTS, GRADES, OUTCOMES, grade_limits

_PROTECTION = "How well children and young people are helped and protected"
_LEADERSHIP = "The effectiveness of leaders and managers"


def change(before: str | None, after: str) -> str:
    """In words: "Up from Good", "Down from Good", "Still Good"; before is None where it is the first.

    Former grades are no step of today's scale: the sentence then names the grade before and no direction.
    """
    if not after:
        return ""
    if before is None:
        return "First judgement known"
    word = ALL_JUDGEMENTS.get(before, before)
    if before == after:
        return f"Still {word}"
    for scale in (list(GRADES), list(OUTCOMES)):
        if before in scale and after in scale:
            return f"{'Up' if scale.index(after) < scale.index(before) else 'Down'} from {word}"
    return f"{word} before"


def worse(before: str, after: str) -> bool:
    """Whether `after` is a step down from `before` on the same scale. With no judgement before (""), the lowest of a
    scale counts: where children live, a first judgement of Inadequate cannot wait either. Between scales, and from a
    former grade, nothing is worse or better."""
    for scale in (list(GRADES), list(OUTCOMES)):
        if after in scale:
            if not before:
                return after == scale[-1]
            return before in scale and scale.index(after) > scale.index(before)
    return False


WORSE = tuple((before, after) for before in ("", *ALL_JUDGEMENTS) for after in ALL_JUDGEMENTS if worse(before, after))


def limiting(*, overall: str, protection: str, leadership: str) -> str:
    """Which part limited the overall judgement, or cannot stand beside it; "" where none did."""
    if problem := grade_limits(overall=overall, protection=protection, leadership=leadership):
        return f"{problem} Shown as published."
    if protection == "inadequate":
        return f"{_PROTECTION}: Inadequate"
    if leadership == "inadequate":
        return f"{_LEADERSHIP}: Inadequate"
    return ""
