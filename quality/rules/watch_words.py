"""What a change at a home says, in the words of pages and alerts. No word of it was typed by anybody."""

from datetime import date

from .codes import NOTICE_KINDS
from .scales import ALL_JUDGEMENTS

UNLISTED = "Not on the list"
SUSPENDED = "Suspended"
ENDED = ("resigned", "cancelled", "closed")  # states of a registration that is over


def happened(*, kind: str, name: str, before: str, after: str, day: date, notice: str = "") -> str:
    """One sentence without its full stop: "Willow Court became Inadequate on 12 March 2026"."""
    on = f"{day.day} {day:%B %Y}"
    if kind == "judgement":
        word = ALL_JUDGEMENTS.get(after, after)
        return f"{name} {'became' if before else 'was first judged'} {word} on {on}"
    if notice == "closure":
        return f"{name} closes or closed on {on}"
    if notice:
        return f"{name}: {_lower(NOTICE_KINDS.get(notice, notice))} from {on}"
    if kind == "closure":
        return f"{name} left Ofsted’s register on {on}: {after.lower() or 'closed'}"
    if kind == "owner":
        return f"{name} passed from {before} to {after} by {on}"
    if after == UNLISTED:
        return f"{name} is not on Ofsted’s list of {on} any more"
    if not before:
        return f"{name} was registered on {on}"
    return f"{name}: registration from {before.lower()} to {after.lower()} by {on}"


def places_in_words(names: list[str], how_many: str) -> str:
    """ "Bexley and Croydon each place fewer than 8" """
    *others, last = names
    if not others:
        return f"{last} places {how_many}"
    each = "" if how_many == "here" else "each "
    return f"{', '.join(others)} and {last} {each}place {how_many}"


def word_of(kind: str, value: str) -> str:
    """What stood before or after, as a tag says it."""
    return ALL_JUDGEMENTS.get(value, value) if kind == "judgement" else value


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
