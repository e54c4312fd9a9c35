"""The workbook in which a lot's KPIs are returned: its rows filled in, its headings locked. It comes back through the
source `kpi-returns`, or on the provider's own page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from commissioning.kernel.exports.form import FormColumn, WorkbookForm
from commissioning.kernel.exports.notice import Notice

from .measures.kpi_returns import Slot

SPARE_ROWS = 100
INSTRUCTIONS = (
    (
        "One row for each KPI, filled in already. Enter the number that was counted and out of how many; nought where "
        "there was none. A row whose numbers stay empty is left out."
    ),
    "For one home alone, add a row below with the home’s URN. Copy the first eight columns from the row above.",
    (
        "Say in words why a rating changed, and answer what was queried. Write nothing about a child, no name and no "
        "reference: every authority that takes part reads it."
    ),
)
LOCKED = ("framework", "lot", "provider", "company_number", "kpi", "name", "starts_on", "last_day")
HINTS = {
    "urn": "Only for one home: its URN. Empty: the provider as a whole.",
    "numerator": "What is counted.",
    "denominator": "Out of how many. Empty where the KPI is one figure.",
    "received_on": "Only where an officer loads it: the day on which the provider sent it.",
}


def returns_template(slots: Sequence[Slot], *, title: str, viewer: str, made_at: datetime) -> bytes:
    from .sources.kpi_returns import RETURNS

    columns = []
    for each in RETURNS.fields:
        kind = "date" if each.column == "date" else "number" if each.column == "numeric" else "text"
        width = 40 if each.key in ("name", "narrative") else 16
        columns.append(FormColumn(each.key, each.heading, kind, locked=each.key in LOCKED,
                                  hint=HINTS.get(each.key, ""), width=width))  # fmt: skip
    rows = [
        {
            "framework": slot.award.lot.framework.reference, "lot": slot.award.lot.number,
            "provider": slot.award.provider.name, "company_number": slot.award.provider.company_number or None,
            "kpi": slot.expected.kpi.code,
            "name": slot.expected.kpi.numerator
            + (f" / {slot.expected.kpi.denominator}" if slot.expected.kpi.denominator else ""),
            "starts_on": slot.starts_on, "last_day": slot.ends_before - timedelta(days=1),
        }
        for slot in slots
    ]  # fmt: skip
    return WorkbookForm(
        sheet="Returns", columns=columns, rows=rows, instructions=INSTRUCTIONS, spare=SPARE_ROWS,
        notice=Notice(title=title, viewer=viewer, made_at=made_at), reference={"source": "kpi-returns"},
    ).build()  # fmt: skip
