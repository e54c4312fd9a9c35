"""manage.py import_file SOURCE PATH [--authority E09000023] [--dry-run] [--json]

Exit 0: every row accepted; 1: some rows rejected; 2: nothing could be read.
"""

import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from commissioning.kernel.ingest.road import bring_in, receive
from commissioning.kernel.ingest.source import every_source, source_named
from commissioning.kernel.models import ImportRun, ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

BY = "service:import_file"


class Command(BaseCommand):
    help = "Brings a file in by the same road as the Files page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", choices=[source.name for source in every_source()])
        parser.add_argument("path", type=Path)
        parser.add_argument("--authority", help="ONS code or short name of the authority whose file it is")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        source, path = source_named(options["source"]), options["path"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.", returncode=2)
        authority = self._authority(options["authority"])
        if source.of_authority and authority is None:
            raise CommandError(f"Say whose file it is: --authority with an ONS code ({source.label}).", returncode=2)
        viewer = Viewer.of_authority(authority.pk) if authority else Viewer.of_service("import_file")
        with acting_as(viewer, by=BY):
            run = receive(source=source, file=path, file_name=path.name, authority=authority, by=BY)
        run = bring_in(run, viewer=viewer, by=BY, now=timezone.now(), load=not options["dry_run"])
        with acting_as(viewer, by=BY):
            report = report_of(run)
        self.stdout.write(json.dumps(report, indent=2) if options["json"] else in_words(report))
        if run.state == ImportState.UNREADABLE:
            raise SystemExit(2)
        if run.rows_rejected:
            raise SystemExit(1)

    def _authority(self, code: str | None) -> Any:
        if code is None:
            return None
        with acting_as(Viewer.of_service("import_file"), by=BY):
            found = apps.get_model("partnership", "Authority").objects.coded(code)
        if found is None:
            raise CommandError(f"No authority has the code or short name {code}.", returncode=2)
        return found


def report_of(run: ImportRun) -> dict[str, Any]:
    """The run in plain values: counts, sheets, and every rejected or noted row with its reason."""
    remarks = run.importremarks.exclude(outcome="corrected").order_by("pk")
    return {
        "import": run.pk,
        "id": str(run.uuid),
        "source": run.source,
        "file": run.file_name,
        "state": run.state,
        "message": run.message,
        "read": run.rows_read,
        "accepted": run.rows_accepted,
        "corrected": run.rows_corrected,
        "rejected": run.rows_rejected,
        "added": run.facts_added,
        "changed": run.facts_changed,
        "removed": run.facts_removed,
        "sheets": [
            {
                "sheet": sheet.name, "holds": sheet.holds, "header_row": sheet.header_row, "read": sheet.rows_read,
                "accepted": sheet.rows_accepted, "corrected": sheet.rows_corrected, "rejected": sheet.rows_rejected,
            }
            for sheet in run.importsheets.order_by("pk")
        ],
        "remarks": [
            {"outcome": r.outcome, "sheet": r.sheet, "row": r.row, "column": r.column, "says": r.says} for r in remarks
        ],
    }  # fmt: skip


def in_words(report: dict[str, Any]) -> str:
    lines = [f"{report['file']}: {report['state']}."]
    if report["message"]:
        lines.append(report["message"])
    for sheet in report["sheets"]:
        lines.append(
            f"  {sheet['sheet']} ({sheet['holds']}): {sheet['read']} rows read, {sheet['accepted']} accepted "
            f"({sheet['corrected']} corrected), {sheet['rejected']} rejected"
        )
    lines.append(f"  {report['added']} facts added, {report['changed']} changed, {report['removed']} removed")
    lines += [
        f"  {r['outcome']}: {r['sheet']} row {r['row']} {r['column']}: {r['says']}" for r in report["remarks"][:20]
    ]
    if len(report["remarks"]) > 20:
        lines.append(f"  and {len(report['remarks']) - 20} more: see the Files page, or --json")
    return "\n".join(lines)
