"""Texts sealed with the installation's own key (REFERENCE_KEY). Sealing is deterministic (AES-SIV): the same text, for
the same purpose and owner, is the same sealed text."""

import base64
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class NotOurs(ValueError):
    """A sealed text that this installation's key does not open."""


def key_for(key: str, purpose: bytes) -> bytes:
    """64 bytes for one purpose, from the installation's own key."""
    return hashlib.blake2b(purpose, key=hashlib.sha512(key.encode()).digest(), digest_size=64).digest()


def seal(key: str, purpose: bytes, told: list[str], text: str) -> str:
    """The text, readable with the key, the purpose and `told` (whose it is) alone."""
    sealed = AESSIV(key_for(key, purpose)).encrypt(text.encode(), [each.encode() for each in told])
    return base64.urlsafe_b64encode(sealed).decode()


def unseal(key: str, purpose: bytes, told: list[str], sealed: str) -> str:
    """What was sealed. NotOurs where the key, the purpose or whose it is are others."""
    try:
        opened = AESSIV(key_for(key, purpose)).decrypt(
            base64.urlsafe_b64decode(sealed.encode()), [each.encode() for each in told]
        )
    except (InvalidTag, ValueError):
        raise NotOurs("this was sealed with another key: check REFERENCE_KEY") from None
    return opened.decode()
