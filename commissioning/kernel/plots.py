"""Charts of points: a funnel of shares against how many stand behind each, and two figures against each other with
their intervals. As every chart, they stand beside a table of the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .charts import Chart, plain


@dataclass(frozen=True)
class Point:
    """`reading` says in words what the point shows. `low` and `high`: its interval, upright. `size` is what its area
    stands for; `apart`: drawn as lying outside the limits."""

    name: str
    x: Decimal | int
    y: Decimal | int
    reading: str
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    size: Decimal | int | None = None
    href: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Limit:
    """A pair of lines round the middle: what each holds between, at so many."""

    label: str
    at: Sequence[tuple[Decimal | int, Decimal, Decimal]]  # x, low, high


@dataclass
class Plot(Chart):
    """`across` and `up` name the axes. `middle` and `middle_across` are lines, with their words; `corners` names the
    four quarters, from the upper left, clockwise."""

    points: Sequence[Point] = ()
    limits: Sequence[Limit] = ()
    across: str = ""
    up: str = ""
    middle: tuple[Decimal | int, str] | None = None
    middle_across: tuple[Decimal | int, str] | None = None
    corners: Sequence[str] = field(default_factory=tuple)
    percent: bool = True  # upright from 0 to 100
    pounds_across: bool = False

    def __post_init__(self) -> None:
        if self.kind != "points":
            raise ValueError(f"No chart of points of kind {self.kind!r}")
        self.kind = "line"  # what the base knows; the drawing is by data()
        super().__post_init__()
        self.kind = "points"

    @property
    def marks(self) -> list[tuple[str, str]]:
        said = [("point", f"a {self.noun}")]
        if any(point.apart for point in self.points):
            said.append(("apart", f"a {self.noun} outside the limits"))
        return said

    def data(self) -> dict[str, Any]:
        return {
            "kind": "points", "title": self.title, "unit": self.unit, "across": self.across, "up": self.up,
            "percent": self.percent, "poundsAcross": self.pounds_across,
            "middle": _mark(self.middle), "middleAcross": _mark(self.middle_across), "corners": list(self.corners),
            "points": [
                {"name": p.name, "x": plain(p.x), "y": plain(p.y), "low": plain(p.low), "high": plain(p.high),
                 "size": plain(p.size), "href": p.href, "apart": p.apart, "reading": p.reading}
                for p in self.points
            ],
            "limits": [{"label": each.label, "at": [list(map(plain, at)) for at in each.at]} for each in self.limits],
        }  # fmt: skip


def _mark(line: tuple[Decimal | int, str] | None) -> list[Any] | None:
    return None if line is None else [plain(line[0]), line[1]]
