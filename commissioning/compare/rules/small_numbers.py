"""Small numbers in what an authority tells the public, or other councils, of its own: 1 to 7 children are withheld,
and more where those could be worked out from a total (FIELD.md, story 31: where the hidden cells sum to a small
number, hide the next one too)."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from .disclosure import USUAL

K = TypeVar("K", bound=Hashable)


def small(children: int) -> bool:
    return 1 <= children <= USUAL.hidden_up_to


def hidden(children: Mapping[K, int]) -> set[K]:
    """The parts of a whole that are withheld where the whole is told too: those of 1 to 7 children, and the next
    smallest until at least two are withheld that come to more than 7 together."""
    found = {key for key, n in children.items() if small(n)}
    others = sorted((n, place, key) for place, (key, n) in enumerate(children.items()) if n and key not in found)
    for _, _, key in others if found else ():
        if len(found) > 1 and not small(sum(children[each] for each in found)):
            break
        found.add(key)
    return found
