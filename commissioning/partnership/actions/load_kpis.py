"""The first KPI definitions, from the room's code lists."""

import csv
from pathlib import Path

from ..models import Kpi, StatementSet
from .load_statements import SOUTHWARK

FILE = Path(__file__).resolve().parent.parent / "codes" / "kpis.csv"
WORDS = ("code", "name", "why", "how", "numerator", "denominator", "unit", "good", "formula", "period", "source")


def load_kpis() -> int:
    """Adds the first version of each that is not known, and leaves the rest; the caller acts as a service and has
    loaded the statements. Returns how many the file holds."""
    known = set(Kpi.objects.values_list("code", flat=True))
    served = StatementSet.objects.filter(code=SOUTHWARK).order_by("number").first()
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    Kpi.objects.bulk_create(
        Kpi(
            **{name: row[name] for name in WORDS},
            service_types=row["service_types"].split(),
            statement_set=served if row["statements"] else None,
            statements=[int(number) for number in row["statements"].split()] if served else [],
        )
        for row in rows
        if row["code"] not in known
    )
    return len(rows)
