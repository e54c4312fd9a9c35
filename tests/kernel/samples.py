"""Rows on which the kernel's routes with arguments are tried (tests/permissions.py)."""

from commissioning.kernel.models import ImportRemark, ImportRun, ImportState
from tests.permissions import Sample


def _file(cast):
    """Southwark's own, loaded, with a rejected row."""
    with cast.acting("commissioning_officer") as officer:
        part = {"authority_id": officer.authority_id}
        run = ImportRun.objects.create(
            source="ofsted", file_name="list.csv", state=ImportState.LOADED, rows_read=1, rows_rejected=1,
            loaded_at=cast.now, **part,
        )  # fmt: skip
        run.importsheets.create(
            name="list", holds="providers and their latest judgements", header_row=1, rows_read=1, rows_accepted=0,
            rows_corrected=0, rows_rejected=1, **part,
        )  # fmt: skip
        ImportRemark.objects.create(
            run=run, outcome="rejected", sheet="list", row=2, column="URN", says="no URN", cells={"URN": ""}, **part
        )
    return {"uuid": run.uuid}


SAMPLES = {
    name: Sample(_file, hidden_from="stranger")
    for name in ("import", "import-progress", "import-rejects", "import-load", "import-again", "import-take-back")
}
