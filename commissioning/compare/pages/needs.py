"""What a person is asked to do on the first page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing to do: what, why now, and where."""

    what: str
    why: str
    do: str
    href: str
