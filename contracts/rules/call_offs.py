"""What may be published of an authority's call-offs, so that no child can be told from it. All the rules are here.

A call-off is one home for one child, so a notice of each would say where, when and at what price a child lives. It is
told only as one of many that are alike:

1. Alike means: the same buyer, lot and quarter of call-off. Nothing else of a placement is told: no number, no child,
   no age, no home, no day, no price. A price follows from a child's needs, and a band of prices from a band of needs.
2. Of fewer than FEWEST children nothing is told. Brothers and sisters count as one: a family knows of itself. A child
   who moved within the quarter counts once.
3. As many processes are told as fit into fives. So whoever compares two files with one correction between them finds
   none or five more, and not one child. Up to four call-offs of a cell, and the whole of a smaller cell, are therefore
   in no package; and a cell that is left out is not named.
4. A quarter is told SETTLES months after it ended, never while it grows: two files of one quarter that a single
   call-off parts would tell that call-off and nearly its day. The date of a release is the day from which its quarter
   is told, whenever it is asked.
5. A lot on which fewer than PROVIDERS had a place in the quarter is left out: who provides there is published, so that
   the lot's name would say with whom all of them live.
6. Each provider knows its own. Whichever of them looks, those of the cell who went to others are none, or FEWEST:
   else the cell is left out. A cell of nine, of whom seven went to one provider, would tell it of the other two.
7. A provider is named where FEWEST children went to it and, of those who are left unnamed, none or FEWEST: else the
   few would be what is missing. Where all went to one provider nobody is named: "all" says it of each of them.
8. The process is not a placement. Its id is a keyed digest of the cell and of a place in it from 1, in which there is
   nothing of any placement: no key, ours included, leads from one to the other.

What is left: a correction of a settled quarter may move a cell across a multiple of five. That tells that the cell
then holds that many, not of whom, where or since when.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date
from typing import Any

from commissioning.partnership.rules.terms import add_months

FEWEST = 8  # as DESIGN.md decision 7: counts of one to seven are never told
FIVES = 5
SETTLES = 3  # months
PROVIDERS = 2


def quarter_of(day: date) -> date:
    """The first day of the day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def told_from(quarter: date) -> date:
    """The day from which a quarter is told."""
    return add_months(quarter, 3 + SETTLES)


def settled_before(today: date) -> date:
    """Call-offs before this day are of quarters that are told."""
    return quarter_of(add_months(quarter_of(today), -SETTLES))


def told(cell: Iterable[tuple[Any, Any]], providers_on_lot: int) -> dict[Any, int]:
    """How many processes are told of a cell, by the provider that they name; None: none is named.

    `cell` has (provider, family) for each call-off, where brothers and sisters are one family. Empty where nothing is
    told.
    """
    families: dict[Any, set[Any]] = {}
    counts: dict[Any, int] = {}
    for provider, family in cell:
        families.setdefault(provider, set()).add(family)
        counts[provider] = counts.get(provider, 0) + 1
    if providers_on_lot < PROVIDERS or _together(families, families) < FEWEST:
        return {}
    if any(0 < _together(families, families.keys() - {each}) < FEWEST for each in families):
        return {}
    named = {each for each in families if each is not None and len(families[each]) >= FEWEST}
    rest = set(families) - named
    if len(families) == 1 or (rest and _together(families, rest) < FEWEST):
        named, rest = set(), set(families)
    groups = {each: counts[each] for each in named} | {None: sum(counts[each] for each in rest)}
    return {each: count // FIVES * FIVES for each, count in groups.items() if count}


def _together(families: dict[Any, set[Any]], which: Iterable[Any]) -> int:
    return len(set().union(*(families[each] for each in which)))


def process_id(key: str, *cell: object, place: int) -> str:
    """40 hexadecimal figures for one place in a cell, the same whenever it is asked."""
    words = "\x1f".join(map(str, (*cell, place))).encode()
    sealed = hashlib.blake2b(b"ocds call-offs", key=hashlib.sha512(key.encode()).digest(), digest_size=64).digest()
    return hmac.new(sealed, words, hashlib.sha256).hexdigest()[:40]
