"""References to children: how they are compared, their keyed digests, and how they are sealed.

A digest is told apart by authority and scheme, so that the same child in two authorities, or a list of every
possible number without the key, leads nowhere. Sealing is deterministic (AES-SIV): the same reference is the same text.
"""

import hashlib
import hmac

from commissioning.kernel import sealing
from commissioning.kernel.sealing import NotOurs

__all__ = ["LONGEST", "NotOurs", "digest", "fold", "seal", "unseal"]

LONGEST = 60


def fold(reference: str) -> str:
    """As references are compared: no spaces, no case."""
    return "".join(reference.split()).upper()


def digest(key: str, authority: str, scheme: str, reference: str) -> str:
    """64 hexadecimal figures; `authority` is its public id. ValueError for an empty reference or a very long one."""
    folded = fold(reference)
    if not folded or len(folded) > LONGEST:
        raise ValueError(f"a reference has 1 to {LONGEST} characters")
    told = "\x1f".join((authority, scheme, folded)).encode()
    return hmac.new(sealing.key_for(key, b"digest"), told, hashlib.sha256).hexdigest()


def number_of(key: str, authority: str, child: str) -> int:
    """A whole number for a child in a file that wants one, from the child's public id: between 2^52 and 2^53, so that
    it is exact in JSON and no number that people give out. It tells nothing without the key."""
    told = "\x1f".join((authority, child)).encode()
    return 2**52 + int.from_bytes(hmac.new(sealing.key_for(key, b"number"), told, hashlib.sha256).digest()[:8]) % 2**52


def seal(key: str, authority: str, scheme: str, reference: str) -> str:
    """The reference as it was written, readable with the key alone."""
    return sealing.seal(key, b"seal", [authority, scheme], reference.strip())


def unseal(key: str, authority: str, scheme: str, sealed: str) -> str:
    """What was sealed. NotOurs where the key, the authority or the scheme is another."""
    return sealing.unseal(key, b"seal", [authority, scheme], sealed)
