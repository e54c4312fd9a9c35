"""How a suspension stands on a day, and what it bars for an authority that has decided this or nothing."""

from datetime import date


def state(starts_on: date, expires_on: date | None, lifted_on: date | None, day: date) -> str:
    """ "planned", "in_force", "lifted" or "expired": a suspension that has expired needs nobody to lift it."""
    if lifted_on is not None and lifted_on <= day:
        return "lifted"
    if expires_on is not None and expires_on <= day:
        return "expired"
    return "planned" if starts_on > day else "in_force"


def bars(decision: str, *, framework: bool) -> bool:
    """Whether a new placement needs an override and its reason. `decision`: a key of codes.SUSPENSION_DECISIONS, ""
    while the authority has decided nothing.

    The partnership's flag bars what is bought through a framework until the authority decides not to follow it. What
    is bought outside one is barred by the authority's own decision alone.
    """
    if framework:
        return decision != "not_follow"
    return decision in ("follow", "case")
