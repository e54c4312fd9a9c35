"""Concerns counted by theme, home or provider: how many, how many are open, and half of them closed within how long."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ..rules import codes

BY = {"theme": "theme", "home": "home", "provider": "provider"}


@dataclass
class Group:
    """One theme, home or provider. `days`: of each that was closed, from when it was raised to its closing."""

    label: str
    kind: str = ""
    uuid: UUID | None = None
    total: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def closed(self) -> int:
        return len(self.days)

    @property
    def open(self) -> int:
        return self.total - len(self.days)

    @property
    def median_days(self) -> Decimal | None:
        return Decimal(str(median(self.days))) if self.days else None


def groups_of(concerns: QuerySet, by: str) -> list[Group]:
    """Most of them first. One query; a concern about a provider as a whole stands under no home."""
    found: dict[Any, Group] = defaultdict(lambda: Group(""))
    rows = concerns.order_by().values_list(
        "theme", "provider__uuid", "provider__name", "establishment__uuid", "establishment__name", "establishment__urn",
        "raised_on", "closed_on",
    )  # fmt: skip
    for theme, provider, provider_name, home, home_name, urn, raised_on, closed_on in rows:
        key = {"theme": theme, "provider": provider, "home": home or provider}[by]
        group = found[key]
        if not group.label:
            group.uuid = None if by == "theme" else key
            group.kind = "provider" if by == "home" and not home else by
            group.label = {
                "theme": codes.CONCERN_THEMES.get(theme, theme), "provider": provider_name,
                "home": (home_name or f"URN {urn}") if home else f"{provider_name}, no home named",
            }[by]  # fmt: skip
        group.total += 1
        if closed_on is not None:
            group.days.append((closed_on - raised_on).days)
    return sorted(found.values(), key=lambda row: (-row.total, row.label))


def median_to_close(pairs: Iterable[tuple[date, date | None]]) -> tuple[Decimal | None, int]:
    """(days within which half were closed, of how many)."""
    days = [(closed_on - raised_on).days for raised_on, closed_on in pairs if closed_on is not None]
    return (Decimal(str(median(days))) if days else None), len(days)
