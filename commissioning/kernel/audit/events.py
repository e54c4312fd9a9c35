"""History as rows to ask: one read-only model for each history table, filtered to the viewer like the live one."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db import models
from django.db.models import Q

from ..tenancy.policies import every_model, has_history
from ..tenancy.viewer import Acting, acting
from ..tenancy.visibility import NOTHING, System, visibility_of

_OWN_APPS = Apps()  # these models are nobody's to migrate, and no other registry knows them


class Exact(json.JSONDecoder):
    """Money kept in history stays Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=Decimal, **options)


class EventColumns(models.Model):
    """What every history table has (audit/sql.py)."""

    event_id = models.BigIntegerField(primary_key=True)
    operation = models.TextField()  # insert, update, delete, erased
    row_id = models.BigIntegerField()
    row_uuid = models.UUIDField(null=True)
    before = models.JSONField(null=True, decoder=Exact)
    after = models.JSONField(null=True, decoder=Exact)
    actor = models.TextField()
    reason = models.TextField()
    request_id = models.TextField()
    import_id = models.BigIntegerField(null=True)
    xid = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        abstract = True
        apps = _OWN_APPS


def audited_models() -> list[type[models.Model]]:
    """Every model whose changes are kept, a row's parents before its parts."""
    return [model for model in every_model() if has_history(model)]


def model_of_table(table: str) -> type[models.Model] | None:
    return next((model for model in audited_models() if model._meta.db_table == table), None)


def events_of(model: type[models.Model]) -> models.QuerySet:
    """The events of a model's rows that the current viewer may see, in no order. Raises NoViewer with none."""
    now = acting()
    return _event_model(model)._default_manager.using(now.using).filter(_seen(model, now))


def _seen(model: type[models.Model], now: Acting) -> Q:
    """The live table's filter, over history's own copies of the same columns."""
    visibility = visibility_of(model)
    if isinstance(visibility, System):
        if now.viewer.kind != "authority":
            return NOTHING
        return Q(**{visibility.history_of: now.viewer.authority_id})
    return _by_row_id(visibility.filter(now))


def _by_row_id(condition: Q) -> Q:
    """A rule on the row's own id is, in history, a rule on row_id."""
    return Q.create(list(_renamed(condition)), connector=condition.connector, negated=condition.negated)


def _renamed(condition: Q) -> Iterator[Any]:
    for child in condition.children:
        if isinstance(child, Q):
            yield _by_row_id(child)
            continue
        name, value = child
        yield ("row_" + name if name.partition("__")[0] == "id" else name), value


@cache
def _event_model(model: type[models.Model]) -> type[EventColumns]:
    keys = {name: _copy_of(model, name) for name in visibility_of(model).keys()}  # noqa: SIM118  (not a mapping)
    meta = type("Meta", (), {
        "apps": _OWN_APPS, "app_label": "audit", "managed": False, "db_table": f'audit"."{model._meta.db_table}',
    })  # fmt: skip
    return type(f"{model.__name__}Event", (EventColumns,), {"__module__": __name__, "Meta": meta, **keys})


def _copy_of(model: type[models.Model], column: str) -> models.Field:
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    if field.is_relation:
        return models.BigIntegerField(null=True)
    kinds = {"DateField": models.DateField, "BooleanField": models.BooleanField}
    return kinds.get(field.get_internal_type(), models.TextField)(null=True)


def import_runs() -> models.Manager:
    return apps.get_model("kernel", "ImportRun").objects
