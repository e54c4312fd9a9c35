"""Rows on which the api room's pages with arguments are tried (tests/permissions.py)."""

from datetime import timedelta

from commissioning.partnership.actions.saved_views import save_view, schedule_export
from commissioning.partnership.models import SavedView, ScheduledExport, SentExport, User
from tests.permissions import Sample


def _view(cast, role="analyst"):
    with cast.acting(role) as by:
        found = SavedView.objects.filter(owner=by).first() or save_view(
            name="rates in force", resource="rates", query="", shared=False, by=by
        )
    return {"uuid": found.uuid}


def _export(cast):
    arguments = _view(cast)
    with cast.acting("analyst") as by:
        view = SavedView.objects.get(uuid=arguments["uuid"])
        found = ScheduledExport.objects.filter(view=view).first() or schedule_export(
            view=view, format="csv", every="day", hour=6, at=cast.now, by=by
        )
    return {"uuid": found.uuid, "what": "pause"}


def _file(cast):
    export = _export(cast)["uuid"]
    with cast.acting("analyst") as by:
        row = ScheduledExport.objects.get(uuid=export)
        found = SentExport.objects.filter(export=row).first() or SentExport.objects.create(
            authority_id=row.authority_id, export=row, owner=User.objects.get(pk=by.pk), due_at=cast.now,
            try_at=cast.now, name="rates.csv", state="sent", role=by.role, ended_at=cast.now,
            stored_as=f"exports/{row.authority_id}/nowhere.csv", expires_at=cast.now + timedelta(days=7),
        )  # fmt: skip
    return {"uuid": found.uuid}


SAMPLES = {
    "saved-view-save": Sample(lambda cast: {"resource": "rates"}, why="a form about a list, with no row yet"),
    "saved-view": Sample(_view, hidden_from="stranger", personal=True),
    "saved-view-schedule": Sample(_view, hidden_from="stranger", personal=True),
    "saved-view-remove": Sample(_view, hidden_from="stranger", personal=True),
    "saved-view-export": Sample(_export, hidden_from="stranger", personal=True),
    "saved-view-file": Sample(_file, hidden_from="stranger", personal=True),
}
