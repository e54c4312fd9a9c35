"""Whether the process lives, and whether it can serve: for whatever watches over it."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from .allowed import open_to_all


@open_to_all
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all. Asks no database: restarting would not mend one."""
    return JsonResponse({"status": "live"})


@open_to_all
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every migration has been applied; 503 with the reason otherwise."""
    try:
        waiting = unapplied()
    except DatabaseError:
        return JsonResponse({"status": "not ready", "why": "the database does not answer"}, status=503)
    if waiting:
        why = {"status": "not ready", "why": "migrations wait to be applied", "waiting": waiting}
        return JsonResponse(why, status=503)
    return JsonResponse({"status": "ready"})


def unapplied() -> list[str]:
    """Names of the migrations on disk that the database does not know: one query."""
    loader = MigrationLoader(connections[DEFAULT_DB_ALIAS])
    return [f"{app}.{name}" for app, name in sorted(set(loader.disk_migrations) - set(loader.applied_migrations))]
