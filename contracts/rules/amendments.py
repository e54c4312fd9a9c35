"""What one version of an agreement changed from the one before it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class RowChanges:
    """Rows of a list that came, went, or stayed with other words: (before, after) for each of these."""

    added: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.changed)


def changed_fields(before: Row, after: Row, names: Iterable[str]) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of each field that differs, in the order of `names`."""
    return [(name, before[name], after[name]) for name in names if before[name] != after[name]]


def changed_rows(before: Sequence[Row], after: Sequence[Row], key: str = "id") -> RowChanges:
    """Rows told apart by `key`; the order in either list says nothing."""
    old, new = {row[key]: row for row in before}, {row[key]: row for row in after}
    return RowChanges(
        added=[row for name, row in new.items() if name not in old],
        gone=[row for name, row in old.items() if name not in new],
        changed=[(old[name], row) for name, row in new.items() if name in old and dict(old[name]) != dict(row)],
    )
