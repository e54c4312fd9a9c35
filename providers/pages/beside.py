"""What rooms above add to this room's pages: a tab of a provider, columns of its lists, tables of an establishment.

A room registers one of these when it starts, so that this room imports nothing from above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from commissioning.kernel.tables import Column, Table

from ..models import Establishment, Provider, Suspension


@dataclass(frozen=True)
class Tab:
    """One page of a provider: its words, its address, and the resource whose reading opens it."""

    text: str
    route: str
    resource: str


class Beside:
    """Base: adds nothing. `said` of a row is a dictionary in which a room keeps its words under its own keys."""

    tabs: Sequence[Tab] = ()

    def provider_columns(self) -> list[Column]:
        """Columns of the list of providers, reading row.said."""
        return []

    def note_providers(self, rows: Sequence[Any]) -> None:
        """Fills row.said for the rows shown: a fixed number of queries whatever their number."""

    def establishment_columns(self) -> list[Column]:
        """Columns of a provider's list of establishments, reading row.said."""
        return []

    def note_establishments(self, rows: Sequence[Any]) -> None:
        """As note_providers."""

    def of_provider(self, provider: Provider, homes: Sequence[Establishment]) -> str:
        """A sentence for the first lines of the provider's page."""
        return ""

    def links_of_provider(self, provider: Provider, user: Any) -> list[tuple[str, str]]:
        """(words, address) of pages about this provider that the person may open."""
        return []

    def of_suspension(self, request: HttpRequest, row: Suspension) -> list[Table]:
        """Tables for the page of a suspension."""
        return []

    def of_establishment(self, home: Establishment) -> tuple[str, list[Table]]:
        """(a sentence for the page's first lines, tables for its body)."""
        return "", []

    def links_of_establishment(self, home: Establishment, user: Any) -> list[tuple[str, str]]:
        """(words, address) of pages about this establishment that the person may open."""
        return []


_rooms: list[Beside] = []


def register(room: Beside) -> None:
    _rooms.append(room)


def rooms() -> list[Beside]:
    return list(_rooms)
