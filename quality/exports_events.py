"""The blank template of notifiable events, which comes back through the source `notifiable-events`."""

from datetime import datetime

from commissioning.kernel.exports.form import FormColumn, WorkbookForm
from commissioning.kernel.exports.notice import Notice

from .rules import codes

SPARE_ROWS = 300
INSTRUCTIONS = (
    "One row for each event. The provider’s own reference is how a later file finds the event again.",
    "Write day and time, for example 31/03/2026 14:05. A death is told at once, everything else within 24 hours.",
    "Every member reads what happened, where and when: write nothing about a child there.",
    (
        "About our child: only your authority reads this. It is not shown in the report of the file. Use your own "
        "reference, never a name."
    ),
)


def events_template(*, viewer: str, made_at: datetime) -> bytes:
    """The blank workbook."""
    from .sources.notifiable_events import EVENTS

    themes = list(codes.EVENT_THEMES.values())
    columns = []
    for each in EVENTS.fields:
        hint = "Every row needs one." if each.filled else ""
        if each.key == "theme":
            columns.append(FormColumn(each.key, each.heading, "choice", choices=themes, hint=hint, width=36))
        elif each.key == "told":
            columns.append(FormColumn(each.key, each.heading, "choice", choices=("Yes", "No"), hint=hint))
        else:
            kind = "date" if each.column == "date" else "text"
            columns.append(FormColumn(each.key, each.heading, kind, hint=hint, width=20))
    return WorkbookForm(
        sheet="Events", columns=columns, rows=(), instructions=INSTRUCTIONS, spare=SPARE_ROWS,
        notice=Notice(title="Notifiable events: blank template", viewer=viewer, made_at=made_at),
        reference={"source": "notifiable-events"},
    ).build()  # fmt: skip
