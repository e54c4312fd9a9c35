"""The OpenAPI description, made from the same declarations as the answers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import django_filters as filters
from django import forms
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers

from commissioning.kernel.ingest.source import DATE
from commissioning.kernel.ingest.source import Field as Column

from .changelog import newest
from .conditions import TAG
from .counts import SAYS, CountSerializer, CountView
from .examples import with_examples
from .fields import Field, described_as, serializer
from .formats import MEDIA, TEXTS
from .lifecycle import told_by_lifecycle
from .once import KEY
from .problems import KINDS, PROBLEM_TYPE, ProblemSerializer
from .resources import Declared, RemovalSerializer, Resource
from .rows import MOST, RowsReportSerializer, TakesRows, tables_of
from .views import HIGHEST_LIMIT, JSON, USUAL_LIMIT, OneView, ResourceView

WATERMARK = {"Watermark": "pass it as updated_since next time"}
KINDS_OF_FILE = {**dict.fromkeys(TEXTS, OpenApiTypes.STR), "json": OpenApiTypes.OBJECT}
DESCRIPTION = (
    "Reads what your authority may see of the partnership's frameworks, providers, rates, judgements and benchmarks. "
    "How to keep a copy up to date is explained at /api/v1/docs/. What changed, what is going away, and how long what "
    "is promised here stays: /api/v1/docs/changes/."
)


_ID = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="public id")


def _if_match(says: str) -> OpenApiParameter:
    told = {"type": "string", "pattern": f"^{TAG}$"}
    return OpenApiParameter("If-Match", told, OpenApiParameter.HEADER, required=True, description=says)


_IF_MATCH = _if_match("the tag that the row came with")
_WHOLE_TAG = _if_match("the tag that the row came with, whole: the version alone is refused (400)")
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description="a tag that an answer came with: 304 without a body where it would be the same",
)  # fmt: skip
_ONCE = OpenApiParameter(
    "Idempotency-Key", {"type": "string", "pattern": f"^{KEY}$"}, OpenApiParameter.HEADER, required=True,
    description="a fresh random value; sent again within a day with the same request, the answer is given again and "
    "nothing is done twice",
)  # fmt: skip
_DRY = OpenApiParameter("dry_run", {"type": "string", "enum": ["true", "false"]}, description="keeps nothing")


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key that your authority's administrator made."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "api.keys.SignedInAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        from django.conf import settings

        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A person who is signed in.",
        }


@cache
def document() -> dict[str, Any]:
    """The whole description; the same for every caller, and for as long as the process lives."""
    with patched_settings({"POSTPROCESSING_HOOKS": []}):  # codes stand with their field, not as components
        made = SchemaGenerator().get_schema(request=None, public=True)
    made["info"] |= {"version": newest().version, "description": DESCRIPTION}
    made["externalDocs"] = {"url": "/api/v1/docs/", "description": "How to begin, to keep a copy, and to try a call"}
    made["servers"] = [{"url": "/"}]
    _without_marks(made)
    _nothing_else_is_sent(made)
    told_by_lifecycle(made)
    with_examples(made)
    return made


def _without_marks(told: Any) -> None:
    """Takes away what the generator notes for itself."""
    for each in told.values() if isinstance(told, dict) else told:
        if isinstance(each, dict):
            each.pop("x-spec-enum-id", None)
        if isinstance(each, dict | list):
            _without_marks(each)


def _nothing_else_is_sent(made: dict[str, Any]) -> None:
    """A body holds the names that are described, and no other: anything else is refused by its name. Rows and changes
    are nothing without one; a step may be taken without a word."""
    schemas = made["components"]["schemas"]

    def close(told: dict[str, Any]) -> None:
        name = told.get("$ref", told.get("items", {}).get("$ref", "")).rpartition("/")[2]
        if name and "additionalProperties" not in schemas[name]:
            schemas[name]["additionalProperties"] = False
            for part in schemas[name].get("properties", {}).values():
                close(part)

    for operations in made["paths"].values():
        for operation in operations.values():
            for sent in operation.get("requestBody", {}).get("content", {}).values():
                close(sent["schema"])
            if operation["operationId"].startswith(("send_", "change_")):
                operation["requestBody"]["required"] = True


def described(view: type[ResourceView]) -> type[ResourceView]:
    """The view, with its methods described for the schema."""
    if "get" in view.http_method_names:
        if issubclass(view, OneView):
            told = _one_of(view.declared)
        elif issubclass(view, CountView):
            told = _count_of(view.declared, *view.refusals)
        else:
            told = _list_of(view.declared, *view.refusals)
        view.get = extend_schema(**told)(_own(view.get))
    if "post" in view.http_method_names:
        told = _rows_of(view.declared) if issubclass(view, TakesRows) else _step_of(view)
        view.post = extend_schema(**told)(_own(view.post))
    if "patch" in view.http_method_names:
        view.patch = extend_schema(**_change_of(view))(_own(view.patch))
    return view


def _own(inherited: Any) -> Any:
    """The same method as one of this class alone: what describes it is written on it."""

    def method(self: ResourceView, request: Any, **path: str) -> Any:
        return inherited(self, request, **path)

    return method


def _step_of(view: Any) -> dict[str, Any]:
    """A step: with one row, or asking for a new one."""
    resource, name = view.declared, getattr(view, "name", "")
    of_row = bool(name)
    sends = {word: serializers.CharField(max_length=most, required=False) for word, most in view.asks.items()}
    body = type(f"{resource.component}{name.capitalize() or 'New'}Serializer", (serializers.Serializer,), sends)
    problems = ("bad-request", "conflict", "too-large", *(("not-found", "changed", "no-version") if of_row else ()))
    return {
        "operation_id": f"{name}_{_name(resource)}" if of_row else f"ask_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"{name.capitalize() if of_row else 'Ask for'} one of {resource.name}",
        "description": f"{view.says} Scope {view.scope}.",
        "parameters": [_ID, _IF_MATCH] if of_row else [],
        "request": {JSON: body} if sends else None,
        "responses": {(200 if of_row else 201, JSON): resource.serializer, **_errors(*problems)},
    }


def _rows_of(resource: Declared) -> dict[str, Any]:
    """Rows sent, table by table; and what became of each."""
    assert resource.takes is not None
    tables = tables_of(resource.takes)
    sent = {
        key: serializer(f"{resource.component}{_title(key)}Sent", _columns(table.fields))(
            many=True, required=False, help_text=table.holds
        )
        for key, table in tables.items()
    }
    body = type(f"{resource.component}RowsSerializer", (serializers.Serializer,), sent)
    return {
        "operation_id": f"send_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"Send rows of {resource.name}",
        "description": f"Adds and changes rows as the import page does, at most {MOST} in a call: each is accepted, "
        "corrected, accepted with a note, or rejected with the reason, and the same rows sent again change nothing. "
        f"Scope {resource.takes.scope}.",
        "parameters": [_ONCE, _DRY],
        "request": {JSON: body},
        "responses": {
            (200, JSON): RowsReportSerializer,
            **_errors("bad-request", "too-large", "not-possible"),
        },
    }


def _columns(fields: Sequence[Column]) -> tuple[Field, ...]:
    """What a file's columns are in JSON. A code may be sent as itself or by its label, so it is text."""
    made = {"date": serializers.DateField, "boolean": serializers.BooleanField, "int": serializers.IntegerField,
            "timestamptz": serializers.DateTimeField}  # fmt: skip
    told = []
    for each in fields:
        kind: Any = made.get(each.column) if each.read == DATE or each.column in made else None
        kind = kind or serializers.CharField
        more = {"help_text": f"as “{each.heading}” in files", "required": each.needed, "allow_null": not each.filled}
        told.append(Field(each.key, each.key, kind(**more)))
    return tuple(told)


def _change_of(view: Any) -> dict[str, Any]:
    resource, change = view.declared, view.change
    return {
        "operation_id": f"change_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"Change one of {resource.name}",
        "description": f"{change.says} Scope {change.scope}.",
        "parameters": [_ID, _WHOLE_TAG],
        "request": {JSON: change},
        "responses": {
            (200, JSON): resource.serializer,
            **_errors("bad-request", "not-found", "changed", "too-large", "not-possible", "no-version"),
        },
    }


def _title(key: str) -> str:
    return key.replace("_", " ").title().replace(" ", "")


def _one_of(resource: Declared) -> dict[str, Any]:
    return {
        "operation_id": f"read_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"One of {resource.name}",
        "description": resource.says,
        "parameters": [_ID, _IF_NONE_MATCH],
        "responses": {(200, JSON): resource.serializer, 304: None, **_errors("bad-request", "not-found")},
    }


def _count_of(resource: Declared, *refusals: str) -> dict[str, Any]:
    return {
        "operation_id": f"count_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"How many {resource.name} there are, to hold a copy against",
        "description": SAYS,
        "parameters": [_parameter(n, f) for n, f in resource.selection.base_filters.items()],
        "responses": {(200, JSON): CountSerializer, **_errors("bad-request", *refusals)},
    }


def _list_of(resource: Declared, *refusals: str) -> dict[str, Any]:
    return {
        "operation_id": f"list_{_name(resource)}",
        "tags": [resource.name],
        "summary": f"{resource.title}, a page at a time, or all as one file",
        "description": resource.says,
        "parameters": [
            *_own_parameters(resource),
            *(_parameter(n, f) for n, f in resource.selection.base_filters.items()),
            _IF_NONE_MATCH,
        ],
        "responses": {
            (200, JSON): _page(resource),
            **{
                (200, media.partition(";")[0]): KINDS_OF_FILE.get(kind, OpenApiTypes.BINARY)
                for kind, media in MEDIA.items()
                if kind in resource.formats
            },
            304: None,
            **_errors("bad-request", *refusals),
        },
    }


def _page(resource: Declared) -> type[serializers.Serializer]:
    following = serializers.CharField(allow_null=True, help_text="address of the next page; null: this was the last")
    if not isinstance(resource, Resource):
        plain = {"results": resource.serializer(many=True, help_text="rows"), "next": following}
        return type(f"{resource.component}PageSerializer", (serializers.Serializer,), plain)
    either = PolymorphicProxySerializer(
        component_name=f"{resource.component}OrRemoval",
        serializers=[resource.serializer, RemovalSerializer],
        resource_type_field_name=None,
        many=True,
    )
    fields = {
        "results": described_as(either, serializers.ListField)(help_text="rows; in a delta, removals too"),
        "next": following,
        "watermark": serializers.CharField(help_text=WATERMARK["Watermark"]),
    }
    return type(f"{resource.component}PageSerializer", (serializers.Serializer,), fields)


def _errors(*kinds: str) -> dict[tuple[int, str], OpenApiResponse]:
    return {
        (KINDS[kind][0], PROBLEM_TYPE): OpenApiResponse(ProblemSerializer, description=KINDS[kind][1])
        for kind in ("not-signed-in", "not-allowed", "failed", *kinds, "too-many")
    }


def _own_parameters(resource: Declared) -> list[OpenApiParameter]:
    limit = {"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": USUAL_LIMIT}
    kind = {"type": "string", "enum": list(resource.formats)}
    since = OpenApiParameter(
        "updated_since",
        OpenApiTypes.STR,
        description="a watermark, or a date and time with its time zone: what has changed since, removals too",
    )
    return [
        OpenApiParameter("limit", limit, description="rows on a page"),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="where the next page begins, as given in next"),
        *([since] if isinstance(resource, Resource) else []),
        OpenApiParameter("format", kind, description="every row of the selection as one file"),
    ]


def _parameter(name: str, asked: filters.Filter) -> OpenApiParameter:
    kind: Any = OpenApiTypes.STR
    if isinstance(asked, filters.ChoiceFilter):
        kind = {"type": "string", "enum": [key for key, _ in asked.extra["choices"]]}
    elif isinstance(asked, filters.UUIDFilter):
        kind = OpenApiTypes.UUID
    elif isinstance(asked, filters.DateFilter):
        kind = OpenApiTypes.DATE
    elif isinstance(asked, filters.BooleanFilter):
        kind = OpenApiTypes.BOOL
    elif isinstance(asked, filters.IsoDateTimeFilter):
        kind = OpenApiTypes.DATETIME
    elif isinstance(asked, filters.NumberFilter):
        bounds = {"minimum": asked.extra.get("min_value"), "maximum": asked.extra.get("max_value")}
        kind = {"type": "integer", **{word: most for word, most in bounds.items() if most is not None}}
    elif isinstance(asked.field, forms.RegexField):
        kind = {"type": "string", "pattern": asked.field.regex.pattern}
    return OpenApiParameter(name, kind, description=str(asked.label))


def _name(resource: Declared) -> str:
    return resource.name.replace("-", "_")
