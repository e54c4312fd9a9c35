"""Imports: files that came in, and what became of their rows."""

from django.db.models import OuterRef

from commissioning.kernel.filters import ImportSelection
from commissioning.kernel.models import ImportRun, ImportSheet
from commissioning.kernel.models.imports import ImportState

from .fields import choice, instant, ons_code, parts, ref, text, whole
from .resources import Resource, ons_codes

SHEETS = (
    text("name", required=True),
    text("holds", says="what the sheet held", required=True),
    whole("header_row", required=True),
    whole("rows_read", required=True),
    whole("rows_accepted", required=True),
    whole("rows_corrected", required=True),
    whole("rows_rejected", required=True),
    text("not_understood", says="headings that were not used"),
)

IMPORTS = Resource(
    name="imports",
    component="Import",
    says="Files that your authority sent, and those of the whole partnership: rows read, accepted, corrected and "
    "rejected. Read is accepted and rejected together.",
    model=ImportRun,
    own_fields=(
        text("source", says="what kind of file it is", required=True),
        text("file_name", required=True),
        text("sha256", says="digest of the file", required=True),
        whole("size", says="bytes", required=True),
        ref("authority", says="whose file it is; null: the whole partnership's"),
        ons_code("authority_code", "authority_id"),
        instant("received_at", required=True),
        choice("state", dict(ImportState.choices), required=True),
        text("message", says="why it could not be read"),
        *(
            whole(name, required=True)
            for name in (
                "rows_read",
                "rows_accepted",
                "rows_corrected",
                "rows_rejected",
                "facts_added",
                "facts_changed",
                "facts_removed",
            )
        ),
        instant("loaded_at"),
        instant("taken_back_at"),
        parts(
            "sheets",
            lambda: ImportSheet.objects.filter(run_id=OuterRef("pk")).order_by("id"),
            SHEETS,
            "what each sheet held",
            component="ImportSheet",
        ),
    ),
    selection=ImportSelection,
    parts=(ons_codes("authority_id"),),
)
