"""Targets that members published in their strategies, as facts: whose, of what, by when, and where it is written."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parent / "codes" / "kpi_targets.csv"


class Published(NamedTuple):
    """`kpi`: the code of the definition that counts the same; empty where none does."""

    whose: str
    measure: str
    target: int
    unit: str
    by: str  # year and month
    source: str
    kpi: str


@cache
def published_targets() -> tuple[Published, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Published(
                row["whose"], row["measure"], int(row["target"]), row["unit"], row["by"],
                row["source"].replace("-", " ").capitalize(), row["kpi"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip
