"""Whether an officer's text quotes what a young person wrote: inside quotation marks, or word for word for so long
that it can be nobody else's sentence."""

import re
from collections.abc import Iterable

QUOTED = re.compile(
    r"“([^”]+)”|\"([^\"]+)\"|«([^»]+)»|‘([^’]+(?:’\w[^’]*)*)’(?!\w)|(?<!\w)'([^']+(?:'\w[^']*)*)'(?!\w)"
)
WORD = re.compile(r"\w+(?:[’']\w+)*")
LONG = 6  # words in a row


def words_of(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in WORD.findall(text)]


def quotations(text: str) -> list[str]:
    """What stands inside quotation marks."""
    return [next(part for part in found if part) for found in QUOTED.findall(text)]


def quoted_from(text: str, written: Iterable[str]) -> str:
    """The first words of `text` that somebody wrote: a quotation that stands in one of `written`, or LONG words in a
    row of it. Empty where nothing does."""
    theirs = [words_of(each) for each in written]
    lines = [f" {' '.join(words)} " for words in theirs]
    for quotation in quotations(text):
        words = words_of(quotation)
        if words and any(f" {' '.join(words)} " in line for line in lines):
            return quotation.strip()
    mine = words_of(text)
    for start in range(len(mine) - LONG + 1):
        run = f" {' '.join(mine[start : start + LONG])} "
        if any(run in line for line in lines):
            return run.strip()
    return ""
