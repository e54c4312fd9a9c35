"""The pages beside the documentation: trying a call, how-tos with their files, the Python package, and what changes.
Open to all: no row is in them, and no key."""

from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from commissioning.kernel.pages.allowed import open_to_all

from . import lifecycle
from .changelog import CHANGELOG, EVERYTHING, KINDS
from .client.generate import OF_WALKS, USE, sources, wheel, wheel_name
from .docs import page
from .howto import FOLDER, files
from .schema import document

# name in the address -> (title, in a few words, its files in the order they are needed)
HOW_TOS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "pandas": ("Python and pandas", "a copy in a folder, kept up to date each night", ("copy_with_pandas.py",)),
    "r": ("R", "a copy in a folder, kept up to date each night", ("copy_with_r.R",)),
    "power-bi": ("Power BI", "tables that are read whole at each refresh",
                 ("Commissioning.pq", "rates_in_power_bi.pq")),
    "excel": ("Excel", "a table that takes in what has changed at each refresh",
              ("Address.pq", "Key.pq", "Commissioning.pq", "rates_in_excel.pq")),
}  # fmt: skip


@open_to_all
@require_safe
def trying(request: HttpRequest) -> HttpResponse:
    answer = page(request, "api/try.html", {"calls": _calls(), "first": "/api/v1/rates/?limit=3"})
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@open_to_all
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    versions: dict[str, dict[str, Any]] = {}
    for entry in CHANGELOG:
        of = [] if EVERYTHING in entry.of else entry.of
        told = versions.setdefault(entry.version, {"version": entry.version, "on": entry.on, "entries": []})
        told["entries"].append({"kind": KINDS[entry.kind], "of": of, "says": entry.says})
    context = {"versions": versions.values(), "leaving": lifecycle.LEAVING, "days": lifecycle.NOTICE.days}
    return page(request, "api/changes.html", context)


@open_to_all
@require_safe
def how_tos(request: HttpRequest) -> HttpResponse:
    return page(request, "api/how_tos.html", {"how_tos": [(name, *told[:2]) for name, told in HOW_TOS.items()]})


@open_to_all
@require_safe
def how_to(request: HttpRequest, name: str) -> HttpResponse:
    title, says, names = HOW_TOS[name]
    told = [{"name": each, "text": (FOLDER / each).read_text()} for each in names]
    return page(request, f"api/how_to_{name.replace('-', '_')}.html", {"title": title, "says": says, "files": told})


@open_to_all
@require_safe
def how_to_file(request: HttpRequest, name: str) -> HttpResponse:
    return _attached((FOLDER / name).read_bytes(), name, "text/plain; charset=utf-8")


@open_to_all
@require_safe
def client(request: HttpRequest) -> HttpResponse:
    written = sources(document())
    context = {"wheel": wheel_name(), "use": USE, "lines": sum(text.count("\n") for text in written.values())}
    return page(request, "api/client.html", context)


@open_to_all
@require_safe
def client_wheel(request: HttpRequest) -> HttpResponse:
    return _attached(wheel(), wheel_name(), "application/zip")


def _attached(body: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{Path(name).name}"'
    return answer


@cache
def _calls() -> list[dict[str, Any]]:
    """Every call that only reads, as the page's script needs it: what may be asked, and of which kind it is."""
    return [
        {
            "address": address,
            "title": f"{operation['tags'][0]}: {operation['summary']}",
            "says": operation.get("description", ""),
            "parameters": [
                {
                    "name": each["name"],
                    "in": each["in"],
                    "says": each.get("description", ""),
                    "example": _as_typed(each["example"]),
                    "codes": [str(code) for code in each["schema"].get("enum", ()) if code is not None]
                    or (["true", "false"] if each["schema"].get("type") == "boolean" else []),
                }
                for each in sorted(operation.get("parameters", ()), key=lambda each: each["name"] in OF_WALKS)
                if each["in"] in ("path", "query")
            ],
        }
        for address, operations in document()["paths"].items()
        for method, operation in operations.items()
        if method == "get"
    ]


def _as_typed(example: Any) -> str:
    return str(example).lower() if isinstance(example, bool) else str(example)


GUIDES: list[URLPattern] = [
    path("v1/docs/try/", trying, name="api-try"),
    path("v1/docs/changes/", changes, name="api-changes"),
    path("v1/docs/how-to/", how_tos, name="api-how-tos"),
    *(path(f"v1/docs/how-to/{name}/", how_to, {"name": name}, name=f"api-how-to-{name}") for name in HOW_TOS),
    *(
        path(f"v1/docs/how-to/files/{file.name}", how_to_file, {"name": file.name}, name=f"api-file-{file.name}")
        for file in files()
    ),
    path("v1/docs/client/", client, name="api-client"),
    path(f"v1/docs/client/{wheel_name()}", client_wheel, name="api-client-wheel"),
]
