"""The I statements, word for word, from the room's code lists."""

import csv
from pathlib import Path

from ..models import Statement, StatementSet

FILE = Path(__file__).resolve().parent.parent / "codes" / "i_statements.csv"
SOUTHWARK = "southwark"


def load_statements() -> int:
    """Adds what is missing and leaves the rest; the caller acts as a service. Returns how many are known."""
    made, _ = StatementSet.objects.get_or_create(
        code=SOUTHWARK,
        number=1,
        defaults={
            "name": "Southwark young people's I statements",
            "source": "Southwark sufficiency strategy 2018 to 2022",
        },
    )
    known = set(Statement.objects.filter(statement_set=made).values_list("number", flat=True))
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [(int(row["number"]), row["statement"]) for row in csv.DictReader(file)]
    Statement.objects.bulk_create(
        Statement(statement_set=made, number=number, words=words) for number, words in rows if number not in known
    )
    return len(rows)
