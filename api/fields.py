"""One declaration of each field: its name, where it is read, and how the schema describes it.

The database writes each row's JSON from these, which ndjson repeats; and the cells of csv, which a test holds against
the JSON byte by byte.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast, NullIf
from drf_spectacular.drainage import set_override
from rest_framework import serializers

Source = str | Callable[[], Any]


class JsonObject(models.Func):
    """json_build_object(name, value, ...). At most fifty pairs: PostgreSQL takes a hundred arguments."""

    function = "json_build_object"
    output_field = models.JSONField()

    def __init__(self, **pairs: Any) -> None:
        parts: list[Any] = []
        for name, value in pairs.items():
            parts += [Value(name, output_field=TextField()), value]
        super().__init__(*parts)


@dataclass(frozen=True)
class Field:
    """`source` is a path from the row, or a function that gives an expression (it may look only as the viewer)."""

    name: str
    source: Source
    schema: serializers.Field

    def expression(self) -> Any:
        return F(self.source) if isinstance(self.source, str) else self.source()


MOST_PAIRS = 50


def row_json(fields: tuple[Field, ...]) -> models.Expression:
    """The fields as one JSON object, in their order, however many they are."""
    made: models.Expression | None = None
    for first in range(0, len(fields), MOST_PAIRS):
        part = JsonObject(**{field.name: field.expression() for field in fields[first : first + MOST_PAIRS]})
        made = part if made is None else _joined(made, part)
    assert made is not None
    return made


class InstantText(models.Func):
    """A moment as JSON has it. Sessions are in UTC, as Django opens them."""

    template = "(replace((%(expressions)s)::text, ' ', 'T') || ':00')"
    output_field = TextField()


class JsonText(models.Func):
    """A list or an object as JSON. Nothing stays nothing."""

    template = "nullif(to_json(%(expressions)s)::text, 'null')"
    output_field = TextField()


def row_cells(fields: tuple[Field, ...]) -> list[models.Expression]:
    """The fields' values as the JSON has them, each in a column that COPY writes into csv. Nothing is empty."""
    return [_cell(field) for field in fields]


def _cell(field: Field) -> models.Expression:
    match field.schema:
        case serializers.CharField():
            text = Cast(field.expression(), TextField())
            return NullIf(text, Value(""), output_field=TextField())  # COPY would put "" between quotation marks
        case serializers.DateTimeField():
            return InstantText(field.expression())
        case serializers.BooleanField():
            return Cast(field.expression(), TextField())
        case serializers.BaseSerializer() | serializers.ListField() | serializers.JSONField():
            return JsonText(field.expression())
        case _:  # PostgreSQL's own text is what JSON has
            return field.expression()


def _joined(one: models.Expression, more: models.Expression) -> models.Func:
    """Two objects as one. As text: jsonb would put the names in an order of its own."""
    opened = models.Func(Cast(one, TextField()), Value(-1), function="left")
    rest = models.Func(Cast(more, TextField()), Value(-1), function="right")
    text = models.Func(opened, Value(", ", output_field=TextField()), rest, function="concat", output_field=TextField())
    return models.Func(text, template="(%(expressions)s)::json", output_field=models.JSONField())


def text(name: str, source: Source | None = None, says: str = "", *, required: bool = False) -> Field:
    """Words. Nothing recorded is null, unless the row cannot be without it."""
    path = source if source is not None else name
    if required:
        return Field(name, path, serializers.CharField(help_text=says))
    field = Field(name, path, serializers.CharField(help_text=says, allow_null=True))
    return Field(name, lambda: NullIf(field.expression(), Value(""), output_field=TextField()), field.schema)


def choice(
    name: str, choices: Mapping[Any, str], says: str = "", *, required: bool = False, source: Source | None = None
) -> Field:
    """One of a code list; the schema lists the codes."""
    codes: list[str | None] = [str(code) for code in choices if code != ""]
    described: dict[str, Any] = {"type": "string" if required else ["string", "null"], "description": says}
    described["enum"] = codes if required else [*codes, None]
    return replace(text(name, source, says, required=required), schema=described_as(described, serializers.CharField)())


def whole(name: str, source: Source | None = None, says: str = "", *, required: bool = False) -> Field:
    schema = serializers.IntegerField(help_text=says, allow_null=not required)
    return Field(name, source if source is not None else name, schema)


def yesno(name: str, says: str = "", *, source: Source | None = None) -> Field:
    return Field(
        name, source if source is not None else name, serializers.BooleanField(help_text=says, allow_null=True)
    )


def codes_of(name: str, choices: Mapping[str, str], says: str = "", *, source: str = "") -> Field:
    """Several of a code list."""
    known = [code for code in choices if code != ""]
    told = {"type": "array", "items": {"type": "string", "enum": known}, "description": says}
    return Field(name, source or name, described_as(told, serializers.ListField)())


def day(name: str, says: str = "", *, required: bool = False) -> Field:
    return Field(name, name, serializers.DateField(help_text=says, allow_null=not required))


def instant(name: str, says: str = "", *, required: bool = False) -> Field:
    return Field(name, name, serializers.DateTimeField(help_text=says, allow_null=not required))


def money(name: str, says: str = "", *, places: int = 4, null: bool = False) -> Field:
    """Pounds, or another exact figure, as a string with its decimal places: never a float."""
    schema = serializers.DecimalField(max_digits=12, decimal_places=places, help_text=says, allow_null=null)
    return Field(name, lambda: Cast(F(name), TextField()), schema)


def ref(name: str, path: str = "", says: str = "", *, required: bool = False) -> Field:
    """The public id of another row. `path` leads to that row; only for rows that every reader of this one may see."""
    schema = serializers.UUIDField(help_text=says, allow_null=not required)
    return Field(name, f"{path or name}__uuid", schema)


def seen(model: type[models.Model], path: str, column: str = "uuid") -> Callable[[], Any]:
    """A column of a related row, null where the viewer may not see that row."""
    return lambda: Subquery(model._default_manager.filter(pk=OuterRef(path)).values(column)[:1])


def seen_ref(name: str, model: type[models.Model], path: str, says: str = "") -> Field:
    return Field(name, seen(model, path), serializers.UUIDField(help_text=says, allow_null=True))


def ons_code(name: str, path: str, says: str = "") -> Field:
    """The newest ONS code of the authority at `path` (a key's column)."""
    from commissioning.partnership.models import AuthorityCode

    def newest() -> Any:
        codes = AuthorityCode.objects.filter(authority_id=OuterRef(path))
        code = Subquery(codes.order_by(F("starts_on").desc(nulls_last=True)).values("ons_code")[:1])
        return Case(When(**{f"{path}__isnull": False}, then=code))

    return Field(name, newest, serializers.CharField(help_text=says, allow_null=True))


class Listed(ArraySubquery):
    """An array of no rows, too, where the viewer's own rule leaves none to be asked for."""

    def as_sql(self, *args: Any, **more: Any) -> Any:
        try:
            return super().as_sql(*args, **more)
        except EmptyResultSet:
            return "ARRAY[]::json[]", ()


def parts(name: str, rows: Callable[[], QuerySet], fields: tuple[Field, ...], says: str, *, component: str) -> Field:
    """A list of rows that belong to this one. `rows` gives them in order, tied to the row by OuterRef."""
    nested = serializer(component, fields)
    return Field(name, lambda: Listed(rows().values_list(row_json(fields))), nested(many=True, help_text=says))


def serializer(component: str, fields: tuple[Field, ...]) -> type[serializers.Serializer]:
    """What the schema says of these fields, in their order (a serializer orders fields as they were made)."""
    made = {field.name: deepcopy(field.schema) for field in fields}
    return type(f"{component}Serializer", (serializers.Serializer,), made)


def described_as(told: Any, base: type[serializers.Field]) -> type[serializers.Field]:
    """A class of fields that the schema describes with `told`: serializers copy fields, and keep only their class."""
    kind = type(base.__name__, (base,), {})
    set_override(kind, "field", told)
    return kind
