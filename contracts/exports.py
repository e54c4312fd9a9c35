"""The blank template of placements: a workbook of four sheets that comes back through the source `placements`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from commissioning.kernel.exports.form import FormColumn, WorkbookForm
from commissioning.kernel.exports.notice import Notice
from commissioning.partnership.rules.codes import LEVELS

from .rules import codes

SPARE_ROWS = 300
INSTRUCTIONS = (
    (
        "Sheet “Placements”: one row for each home of a child. Your own references of the placement and of the child "
        "are how a later file finds them again. Never write a name."
    ),
    "Left on: the day the child left. That night is not counted. Leave it empty while the child lives there.",
    "Bought through a framework: give its reference and the lot. Bought elsewhere: give the spot reason.",
    (
        "Weekly cost: pounds a week over the whole placement. Where prices changed or something was added, list every "
        "line on the sheet “Cost lines” instead."
    ),
    "From education, health, housing benefit, others: pounds a week that each of them pays. Social care pays the rest.",
    "Postcodes are used to measure the distance and are not kept.",
    "The sheets “Cost lines”, “Oversight” and “Meetings” may stay empty.",
)
CHOICES: Mapping[str, Mapping[str, str]] = {
    "Sex": codes.SEXES, "Ethnicity": codes.ETHNICITIES, "Care status": codes.CARE_STATUSES,
    "Legal status": codes.LEGAL_STATUSES, "Service type": codes.SERVICE_TYPES, "Level": LEVELS,
    "Spot reason": codes.SPOT_REASONS, "Registration": codes.REGISTRATIONS,
    "Distance reason": codes.DISTANCE_REASONS, "End reason": codes.END_REASONS, "Ended by": codes.ENDED_BY,
    "Destination": codes.DESTINATIONS, "Line": codes.COST_CATEGORIES, "Service": codes.SERVICES,
    "Unit": codes.COST_UNITS,
}  # fmt: skip
YES_NO = ("EHCP", "Unaccompanied", "In-house", "Respite", "Solo", "Ended as planned")
HINTS = {
    "Disability": "Codes such as MOB;LD, parted by a semicolon.",
    "Sibling group": "The same text for brothers and sisters.",
    "Own place": "The name of a place of your own. It is added if it is new.",
    "Called off on": "The day it was agreed, where that is not the start.",
}


def placements_template(*, viewer: str, made_at: datetime) -> bytes:
    """The blank workbook."""
    from .sources.placements_template import COST_LINES, MEETINGS, OVERSIGHT, PLACEMENTS

    return WorkbookForm(
        sheet="Placements", columns=_columns(PLACEMENTS.fields), rows=(), instructions=INSTRUCTIONS,
        notice=Notice(title="Placements: blank template", viewer=viewer, made_at=made_at),
        reference={"source": "placements"}, spare=SPARE_ROWS,
        more={
            "Cost lines": _columns(COST_LINES.fields),
            "Oversight": _columns(OVERSIGHT.fields, {"Kind": codes.OVERSIGHT_KINDS}),
            "Meetings": _columns(MEETINGS.fields, {"Kind": codes.MEETING_KINDS}),
        },
    ).build()  # fmt: skip


def _columns(fields: Sequence, choices: Mapping[str, Mapping[str, str]] | None = None) -> list[FormColumn]:
    return [_column(each, {**CHOICES, **(choices or {})}) for each in fields]


def _column(each, choices: Mapping[str, Mapping[str, str]]) -> FormColumn:
    hint = HINTS.get(each.heading, "")
    if each.filled:
        hint = f"Every row needs one. {hint}".strip()
    if each.heading in YES_NO:
        return FormColumn(each.key, each.heading, "choice", choices=("Yes", "No"), hint=hint)
    if each.heading in choices:
        listed = [label for label in choices[each.heading].values() if label]
        return FormColumn(each.key, each.heading, "choice", choices=listed, hint=hint, width=24)
    kind = "date" if each.column == "date" else "money" if each.column.startswith("numeric") else "text"
    return FormColumn(each.key, each.heading, kind, hint=hint, width=18)
