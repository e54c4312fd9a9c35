"""The code in a young person's link: which authority asks, and a secret of which a digest alone is kept."""

import hashlib
import math

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another when it is typed from paper
LETTERS, GROUP = 28, 4
GROUPS = LETTERS // GROUP
BITS = LETTERS * math.log2(len(ALPHABET))


def code_of(slug: str, secret: str) -> str:
    """ "southwark-k7d2-..." """
    return "-".join([slug, *(secret[at : at + GROUP] for at in range(0, LETTERS, GROUP))])


def parts_of(code: str) -> tuple[str, str] | None:
    """(the authority's slug, the secret) of a code as somebody typed it; None for what cannot be one."""
    words = code.strip().lower().split("-")
    slug, secret = "-".join(words[:-GROUPS]), "".join(words[-GROUPS:])
    if not slug or len(secret) != LETTERS or set(secret) - set(ALPHABET):
        return None
    return slug, secret


def digest_of(secret: str) -> str:
    """The secret is random and long: no salt makes it harder to guess."""
    return hashlib.sha256(f"my-home\x1f{secret}".encode()).hexdigest()
