"""A resource: a model, the fields that callers see of it, and how its rows are chosen."""

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cached_property

import django_filters
from django.db import models
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from rest_framework import serializers

from commissioning.kernel.models import FromFile, ImportRun
from commissioning.kernel.tenancy.visibility import Participants, visibility_of
from commissioning.partnership.models import AuthorityCode

from .fields import Field, JsonObject, described_as, instant, row_cells, row_json, seen_ref, serializer, text, whole
from .formats import FORMATS
from .paging import CELLS, JSON, Phase

IDENTITY = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id; never changes and is never used again")),
    whole("version", says="1 when added, one more with every change", required=True),
    instant("changed_at", "when it was last changed", required=True),
)
PROVENANCE = (
    seen_ref("source_import", ImportRun, "source_import_id", "the import it came from, where you may see it"),
    text("source_sheet", says="sheet of that file"),
    whole("source_row", says="row of that sheet"),
)


@dataclass(frozen=True)
class Part:
    """Rows shown inside another. A change of one is a change of every row whose `of` is what its `column` holds.

    `only`: it matters where one of these columns of it is changed, and otherwise not: what a row is called, which is
    shown in many others and seldom changes. `among`: the rows that show it.
    """

    model: type[models.Model]
    column: str
    of: str = "pk"
    only: tuple[str, ...] = ()
    among: Q = field(default_factory=Q)


def names(model: type[models.Model], of: str, *only: str) -> Part:
    """What a row that others show is called: `only` of it."""
    return Part(model, "id", of=of, only=only)


def ons_codes(of: str) -> Part:
    """The newest ONS code of the authority whose id is in `of`."""
    return Part(AuthorityCode, "authority_id", of=of, only=("ons_code", "starts_on", "authority_id"))


@dataclass(frozen=True)
class Takes:
    """Rows that other systems send: by the road of `source`, into those of its tables that are named here. `scope` is
    what a key needs for it; the source says what its person may do."""

    source: str
    tables: tuple[str, ...]
    scope: str


@dataclass(frozen=True)
class Declared:
    """`name` as in the address; `component` as in the schema; `says` in the documentation. Where nothing more is
    declared, the rows are worked out when they are asked: they have no address and no history of their own."""

    name: str
    component: str
    says: str
    own_fields: tuple[Field, ...]
    selection: type[django_filters.FilterSet]
    takes: Takes | None = field(default=None, kw_only=True)
    formats: tuple[str, ...] = field(default=tuple(FORMATS), kw_only=True)  # of which it comes as one file

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.own_fields

    @cached_property
    def serializer(self) -> type[serializers.Serializer]:
        return serializer(self.component, self.fields)

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()


@dataclass(frozen=True)
class Resource(Declared):
    """Rows of a model."""

    model: type[models.Model]
    parts: tuple[Part, ...] = ()

    @cached_property
    def fields(self) -> tuple[Field, ...]:  # type: ignore[override]
        source = PROVENANCE if issubclass(self.model, FromFile) else ()
        return (*IDENTITY, *self.own_fields, *source)

    @property
    def for_participants(self) -> bool:
        """Whether who may see a row can change without the row: by a participation."""
        return isinstance(visibility_of(self.model), Participants)

    def rows(self) -> QuerySet:
        """Every row that the current viewer may see."""
        return self.model._default_manager.all()

    def json(self) -> models.Expression:
        return row_json(self.fields)

    def copied(self, rows: Phase, *, in_cells: bool) -> Generator[bytes, None, None]:
        """Every row as a line of JSON, or of csv."""
        if in_cells:
            return rows.copied(row_cells(self.fields), CELLS)
        told = [field.expression() for field in self.fields]
        return rows.copied(told, JSON, [field.name for field in self.fields])


def as_text(expression: models.Expression) -> Cast:
    return Cast(expression, TextField())


def removal_json(identity: str, at: object, removes: str = "row") -> JsonObject:
    return JsonObject(
        id=models.F(identity), deleted=Value(True), removes=Value(removes, output_field=TextField()), changed_at=at
    )


REMOVES = {
    "type": "string",
    "enum": ["row", "framework"],
    "description": "row: the row with this id. framework: every row here whose framework has this id; those that you "
    "may still see follow in the same delta",
}


class RemovalSerializer(serializers.Serializer):
    """In a delta: take away what you hold. Naming a row that you never held is harmless."""

    id = serializers.UUIDField(help_text="of the row, or of the framework")
    deleted = serializers.BooleanField(help_text="always true")
    removes = described_as(REMOVES, serializers.CharField)()
    changed_at = serializers.DateTimeField()
