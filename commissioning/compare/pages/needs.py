"""What a person is asked to do on the first page, and what it tells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing to do: what, why now, and where."""

    what: str
    why: str
    do: str
    href: str


@dataclass(frozen=True)
class Line:
    """One sentence, and where it leads."""

    says: str
    do: str
    href: str
