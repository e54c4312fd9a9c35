"""The documentation: a page of ours, written from the schema, and the schema itself. Open to all: no row is in them."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commissioning.kernel.pages.allowed import open_to_all
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

from .problems import KINDS
from .rows import MOST
from .schema import document
from .views import HIGHEST_LIMIT, USUAL_LIMIT


@open_to_all
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_written(), content_type="application/vnd.oai.openapi+json")


@open_to_all
@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    context = {
        "resources": _resources(),
        "steps": _steps(),
        "sent": _sent(),
        "changed": _changed(),
        "calls": (settings.API_CALLS_OF_KEY, settings.API_CALLS_OF_AUTHORITY),
        "most": MOST,
        "problems": [(kind, *told) for kind, told in KINDS.items()],
        "usual": USUAL_LIMIT,
        "highest": HIGHEST_LIMIT,
    }
    return page(request, "api/docs.html", context)


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Addresses under /api/ have no viewer of their own: the page's header needs one."""
    user = request.user
    known = user.is_authenticated
    context |= {"here": f"{request.scheme}://{request.get_host()}"}
    with acting_as(
        user.viewer if known else Viewer.nobody(), by=user if known else "service:api", request_id=request.number
    ):
        return render(request, template, context)


@cache
def _written() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()


@cache
def _resources() -> list[dict[str, Any]]:
    """Each list of the schema: name, words, parameters and fields, as the page shows them."""
    described = document()
    return [
        _resource(operation["get"], described["components"]["schemas"])
        for operation in described["paths"].values()
        if operation.get("get", {}).get("operationId", "").startswith("list_")
    ]


@cache
def _changing(method: str, *, rows: bool = False) -> list[dict[str, Any]]:
    """Each call of this method: what it does and what its body holds. `rows`: those that send many, or those that do
    not."""
    described = document()
    told = []
    for address, operations in described["paths"].items():
        operation = operations.get(method)
        if operation is None or operation["operationId"].startswith("send_") is not rows:
            continue
        sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = described["components"]["schemas"][_named(sent["schema"])]["properties"] if sent else {}
        tables = [
            (name, [_field(*field, described["components"]["schemas"]) for field in _columns(part, described)])
            for name, part in body.items() if "items" in part
        ]  # fmt: skip
        told.append(
            {
                "address": address.replace("{id}", "ID"), "resource": operation["tags"][0],
                "says": operation["description"], "sends": list(body), "tables": tables,
                "fields": [_field(name, part, described["components"]["schemas"]) for name, part in body.items()
                           if "items" not in part],
            }
        )  # fmt: skip
    return told


def _columns(table: dict[str, Any], described: dict[str, Any]) -> Any:
    return described["components"]["schemas"][_named(table["items"])]["properties"].items()


@cache
def _steps() -> list[dict[str, Any]]:
    """Each address that takes a step of a release."""
    return _changing("post")


@cache
def _sent() -> list[dict[str, Any]]:
    return _changing("post", rows=True)


@cache
def _changed() -> list[dict[str, Any]]:
    return _changing("patch")


def _resource(operation: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    page = components[_named(operation["responses"]["200"]["content"]["application/json"]["schema"])]
    row = components[_named(page["properties"]["results"]["items"])]
    told_alone = "oneOf" in row  # at an address of its own; and a delta may tell its removal
    if told_alone:
        row = components[_named(row["oneOf"][0])]
    shared = ("limit", "cursor", "updated_since", "format")
    return {
        "name": operation["tags"][0],
        "title": operation["tags"][0].replace("-", " ").capitalize(),
        "says": operation["description"],
        "told_alone": told_alone,
        "parameters": [
            {"name": p["name"], "kind": _kind(p["schema"], components), "says": p.get("description", "")}
            for p in operation["parameters"]
            if p["name"] not in shared
        ],
        "example": json.dumps(_example(operation), ensure_ascii=False, indent=1),
        "fields": [_field(name, told, components) for name, told in row["properties"].items()],
    }


def _example(operation: dict[str, Any]) -> dict[str, Any]:
    """One row, as the description shows it."""
    content = operation["responses"]["200"]["content"]["application/json"]
    return content["examples"]["rows"]["value"]["results"][0]


def _field(name: str, told: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    of = told.get("items", {})
    parts = components[_named(of)]["properties"] if "$ref" in of else {}
    inside = [f"{part} ({_kind(schema, components)})" for part, schema in parts.items()]
    says = told.get("description", "")
    codes = told.get("enum") or of.get("enum") or ()
    if codes:
        says = f"{says}: ".removeprefix(": ") + ", ".join(str(code) for code in codes if code is not None)
    return {"name": name, "kind": _kind(told, components), "says": says, "inside": ", ".join(inside)}


WORDS = {
    "uuid": "id", "date": "date", "date-time": "date and time", "decimal": "amount as text", "string": "text",
    "integer": "whole number", "boolean": "true or false", "array": "list", "object": "object",
}  # fmt: skip


def _kind(told: dict[str, Any], components: dict[str, Any]) -> str:
    kinds = told.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    word = "code" if "enum" in told else WORDS[told.get("format") or next(kind for kind in kinds if kind != "null")]
    return word + (" or null" if "null" in kinds else "")


def _named(told: dict[str, str]) -> str:
    return told["$ref"].rpartition("/")[2]
