"""How history names things: fields, values, records, people. Ids become names in one query for each kind."""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from .. import wording
from ..tenancy.viewer import current_viewer
from .events import import_runs

# Kept for machines, or said elsewhere on the page.
TECHNICAL = frozenset({
    "id", "uuid", "version", "changed_at", "changed_xid", "source_import_id", "source_sheet", "source_row",
    "folded_name", "sha256",
})  # fmt: skip
TITLES = ("name", "reference", "email", "file_name", "title", "ons_code", "urn", "number", "code")
LABELS = {"ends_before": "Last day", "member_until": "Last day of membership", "last_login": "Last sign-in",
          "to_provider": "The provider reads it", "to_members": "Every member reads it"}  # fmt: skip
HALF_OPEN = frozenset({"ends_before", "member_until"})
UNSEEN = "one you cannot see"
RESTRICTED = "recorded, not shown"


def label_of(field: models.Field) -> str:
    """ "Lead authority", "Starts on"; the end of a period is shown as its last day."""
    label = LABELS.get(field.column) or str(field.verbose_name)
    return label[:1].upper() + label[1:]


class Names:
    """What the ids in a list of events stand for. `note` every event, `look_up` once, then ask."""

    def __init__(self) -> None:
        self._wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self._people: set[str] = set()
        self._import_ids: set[int] = set()
        self._found: dict[type[models.Model], dict[int, dict[str, Any]]] = {}
        self._emails: dict[str, str] = {}
        self.imports: dict[int, dict[str, Any]] = {}

    def note(self, model: type[models.Model], event: dict[str, Any]) -> None:
        if event["actor"].startswith("user:"):
            self._people.add(event["actor"].removeprefix("user:"))
        if event["import_id"]:
            self._import_ids.add(event["import_id"])
        for record in (event["before"], event["after"]):
            for field in _relations(model) if record else ():
                if record.get(field.column) is not None:
                    self._wanted[field.related_model].add(record[field.column])

    def look_up(self) -> None:
        for model, ids in self._wanted.items():
            columns = _title_columns(model)
            if columns:
                rows = model._default_manager.filter(pk__in=ids).values("pk", *columns)
                self._found[model] = {row["pk"]: row for row in rows}
        if self._import_ids:
            rows = import_runs().filter(pk__in=self._import_ids).values("pk", "uuid", "file_name")
            self.imports = {row["pk"]: row for row in rows}
        if self._people:
            people = get_user_model()._default_manager.filter(uuid__in=self._people)
            people = people.select_related("authority", "provider")
            self._emails = {str(person.uuid): _said_of(person) for person in people}

    def who(self, actor: str) -> str:
        """An e-mail address, or a service in words: "service:load-demo" is "the platform (load demo)"."""
        kind, _, rest = actor.partition(":")
        if kind == "user":
            return self._emails.get(rest, "somebody who has left")
        words = re.sub(r"[-_]+", " ", rest or kind)
        return f"the platform ({words})" if kind == "service" else f"{kind}: {words}"

    def title(self, model: type[models.Model], record: dict[str, Any]) -> str:
        """Which record: its name where it has one, else the names of what it joins, its kind, number and first day."""
        hidden = getattr(model, "restricted", ())
        for name in TITLES:
            if record.get(name) and name not in hidden:
                return str(record[name])
        fields = [f for f in model._meta.concrete_fields if f.column not in hidden]
        own = [next((f for f in fields if f.choices and f.column not in TECHNICAL), None)]
        own.append(next((f for f in fields if f.get_internal_type() == "DateField" and not f.null), None))
        words = [self._related(field, record.get(field.column)) for field in _relations(model)]
        words += [self.value(model, field, record.get(field.column), record) for field in own if field]
        words += [f"number {record['position']}"] if record.get("position") else []
        return ", ".join(dict.fromkeys(word for word in words if word)) or str(model._meta.verbose_name)

    def value(self, model: type[models.Model], field: models.Field, value: Any, record: dict[str, Any]) -> str | None:
        """A stored value in words; None where there is none."""
        if value is None or value == "":
            return None
        if field.column in getattr(model, "restricted", ()):
            return RESTRICTED
        if field.is_relation:
            return self._related(field, value) or UNSEEN
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        match field.get_internal_type():
            case "BooleanField":
                return "yes" if value else "no"
            case "DateField":
                day = date.fromisoformat(value)
                return wording.day(day - timedelta(days=1) if field.column in HALF_OPEN else day)
            case "DateTimeField":
                return wording.instant(field.to_python(value))
            case "DecimalField":
                return self._decimal(model, field, Decimal(value), record)
            case _:
                return str(value)

    def _decimal(self, model: type[models.Model], field: models.Field, value: Decimal, record: dict[str, Any]) -> str:
        """An amount in pounds, with its unit where the line it prices has one; any other figure as it is."""
        places = max(2, -int(value.normalize().as_tuple().exponent))
        if not field.column.endswith("amount"):
            return wording.number(value)
        for relation in _relations(model):
            row = self._found.get(relation.related_model, {}).get(record.get(relation.column), {})
            if "unit" in row:
                unit = relation.related_model._meta.get_field("unit")
                words = str(dict(unit.flatchoices).get(row["unit"], row["unit"]))
                if row["unit"] == "per_cent":
                    return f"{wording.decimal_text(value, places)} {words}"
                return f"£{wording.decimal_text(value, places)} {words}"
        return f"£{wording.decimal_text(value, places)}"

    def _related(self, field: models.Field, value: Any) -> str | None:
        row = self._found.get(field.related_model, {}).get(value)
        return next((str(row[name]) for name in TITLES if row and row.get(name)), None)


def _relations(model: type[models.Model]) -> list[models.Field]:
    return [f for f in model._meta.concrete_fields if f.is_relation and f.column not in TECHNICAL]


def _title_columns(model: type[models.Model]) -> list[str]:
    columns = {field.column for field in model._meta.concrete_fields}
    return [name for name in (*TITLES, "unit") if name in columns]


def _said_of(person: Any) -> str:
    """Members read each other's e-mail addresses; a provider's contact reads only those of its own people."""
    viewer = current_viewer()
    if viewer.kind == "provider" and person.provider_id != viewer.provider_id:
        return f"an officer of {person.body_name}" if person.authority_id else "the partnership"
    return person.email
