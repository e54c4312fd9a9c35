"""What an address asks for, where it may be anything that somebody typed."""

from uuid import UUID


def uuid_of(typed: str | None) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None
