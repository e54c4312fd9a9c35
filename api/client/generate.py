"""Writes the package from the description: a typed dictionary for each component, a class for each resource with a
method for each call, and a wheel of both.

A generator that is made for any API was tried (openapi-python-client 0.29): 39,000 lines for these calls, two libraries
for the caller to install, and no pages, changes or waiting, which is what a caller of this API needs.
"""

import base64
import hashlib
import json
import keyword
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from api.changelog import newest
from api.lifecycle import row_component

NAME = "commissioning_client"
RUNTIME = Path(__file__).parent / "runtime.py"
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
OF_WALKS = {"limit", "cursor", "updated_since", "format"}
LINE = 110
USE = """Reads the partnership's API, which the documentation at /api/v1/docs/ explains.

    from commissioning_client import Client

    client = Client("https://HOST", key)
    for rate in client.rates.all(in_force_on="2026-04-01"):
        print(rate["provider_name"], rate["amount"])

    copy = client.rates.copy()
    copy.refresh()              # all, the first time
    copy.refresh()              # then what has changed, removals too
    client.rates.export("rates.csv", "csv")

It waits and asks again when the service says that it is busy. What the service refuses is a `Problem`.
"""


def wheel_name() -> str:
    return f"{NAME}-{newest().version}-py3-none-any.whl"


@cache
def wheel() -> bytes:
    """The package, ready for pip. The same bytes for the same description."""
    from api.schema import document

    described = document()
    version = described["info"]["version"]
    inside = {f"{NAME}/{name}": text.encode() for name, text in sources(described).items()}
    about = f"{NAME}-{version}.dist-info"
    inside[f"{about}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {NAME.replace('_', '-')}\nVersion: {version}\n"
        f"Summary: {described['info']['title']}: a client of its API\nRequires-Python: >=3.11\n"
        f"Description-Content-Type: text/markdown\n\n{USE}"
    ).encode()
    inside[f"{about}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: commissioning\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in inside.items()]
    inside[f"{about}/RECORD"] = ("\n".join([*lines, f"{about}/RECORD,,"]) + "\n").encode()
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for name, data in inside.items():
            packed.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, ZIP_DEFLATED)
    return out.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def sources(described: dict[str, Any]) -> dict[str, str]:
    """File name -> text."""
    return {
        "__init__.py": _init(described),
        "models.py": _models(described["components"]["schemas"]),
        "calls.py": _calls(described),
        "runtime.py": RUNTIME.read_text(),
        "py.typed": "",
    }


# --- models ---


def _models(components: dict[str, Any]) -> str:
    objects = {name: told for name, told in components.items() if "properties" in told}
    others = {name: told for name, told in components.items() if name not in objects}
    parts = [
        '"""What is sent and told, written from the API\'s description."""',
        "from __future__ import annotations",
        "from typing import Any, Literal, NotRequired, TypedDict",
        *(_dictionary(name, told) for name, told in sorted(objects.items())),
        *(f"{name} = {kind(told)}" for name, told in sorted(others.items())),
    ]
    return "\n\n".join(parts) + "\n"


def _dictionary(name: str, told: dict[str, Any]) -> str:
    """A typed dictionary. Where a field's name is no name for Python, in the form that takes any."""
    needed = set(told.get("required", ()))
    fields = {
        field: kind(schema) if field in needed else f"NotRequired[{kind(schema)}]"
        for field, schema in told["properties"].items()
    }
    if not all(field.isidentifier() and not keyword.iskeyword(field) for field in fields):
        inside = ", ".join(f"{field!r}: {_quoted(of)}" for field, of in fields.items())
        return f"{name} = TypedDict({name!r}, {{{inside}}})"
    lines = [f"class {name}(TypedDict):"]
    for field, of in fields.items():
        says = " ".join(told["properties"][field].get("description", "").split())
        lines += [*_comment(says), f"    {field}: {of}"]
    return "\n".join(lines) if fields else "\n".join([*lines, "    pass"])


def _quoted(of: str) -> str:
    return json.dumps(of)


def _comment(says: str) -> list[str]:
    lines: list[str] = []
    for word in says.split():
        if lines and len(lines[-1]) + len(word) < LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f"    # {word}")
    return lines


def kind(told: dict[str, Any], where: str = "") -> str:
    """The Python type of a schema. `where`: the module that components are named in."""
    if "$ref" in told:
        return where + told["$ref"].rpartition("/")[2]
    for several in ("oneOf", "anyOf"):
        if several in told:
            return " | ".join(dict.fromkeys(kind(each, where) for each in told[several]))
    if "allOf" in told:
        return kind(told["allOf"][0], where) if len(told["allOf"]) == 1 else "dict[str, Any]"
    if "enum" in told:
        return f"Literal[{', '.join(repr(code) for code in told['enum'])}]"
    kinds = told.get("type", "any")
    return " | ".join(_plain(each, told, where) for each in ([kinds] if isinstance(kinds, str) else kinds))


def _plain(of: str, told: dict[str, Any], where: str) -> str:
    if of == "array":
        return f"list[{kind(told.get('items', {}), where)}]"
    if of == "object":
        more = told.get("additionalProperties")
        return f"dict[str, {kind(more, where)}]" if isinstance(more, dict) and more else "dict[str, Any]"
    return SCALARS.get(of, "Any")


# --- calls ---


def _calls(described: dict[str, Any]) -> str:
    components = described["components"]["schemas"]
    by_resource: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            by_resource.setdefault(operation["tags"][0], []).append((path, method.upper(), operation))
    classes = [_resource(name, calls, components) for name, calls in sorted(by_resource.items())]
    attributes = "\n".join(
        f"        self.{variable(name)} = {class_name(name)}(self.connection)" for name in sorted(by_resource)
    )
    client = (
        "class Client:\n"
        '    """The service at an address, for a key. See `Connection` for what else may be said."""\n\n'
        "    def __init__(self, address: str, key: str, **more: Any) -> None:\n"
        "        self.connection = Connection(address, key, **more)\n"
        f"{attributes}"
    )
    head = [
        '"""The calls of the API by resource, written from its description."""',
        "from __future__ import annotations",
        "import datetime\nimport os\nfrom collections.abc import Iterator\nfrom typing import Any, Literal, cast",
        "from . import models\nfrom .runtime import Changes, Connection, Copy, List, SyncedList, new_key, segment",
    ]
    return "\n\n\n".join(["\n\n".join(head), *classes, client]) + "\n"


def _resource(name: str, calls: list[tuple[str, str, dict[str, Any]]], components: dict[str, Any]) -> str:
    """One class: the list that the resource's address is, where it is one, and every other call."""
    base, row, methods, taken = "List[dict[str, Any]]", "", [], set()
    path = f"/api/v1/{name}/"
    for address, method, operation in calls:
        found = row_component(operation, components) if method == "GET" else ""
        if found and not row and "{" not in address:
            row, path = f"models.{found}", address
            synced = any(each["name"] == "updated_since" for each in operation["parameters"])
            base = f"{'SyncedList' if synced else 'List'}[{row}]"
            methods += _walks(operation, row, synced=synced)
            taken |= {"all", "export", "changes", "copy"}
    for address, method, operation in calls:
        if method == "GET" and address == path and row:
            continue
        called = variable(operation["operationId"].removesuffix(f"_{variable(name)}"))
        called = "one" if called == "read" and "{" in address else called
        if called in taken:
            called = variable(operation["operationId"])
        taken.add(called)
        methods.append(_call(called, address, method, operation))
    says = next((each["description"] for _, _, each in calls if each.get("description")), name)
    head = f"class {class_name(name)}({base}):\n{_docstring(says, 4)}\n\n    path = {path!r}"
    return "\n\n".join([head, *methods])


def _walks(operation: dict[str, Any], row: str, *, synced: bool) -> list[str]:
    filters = [each for each in operation["parameters"] if each["in"] == "query" and each["name"] not in OF_WALKS]
    limit = next((each["schema"] for each in operation["parameters"] if each["name"] == "limit"), {})
    formats = next((each["schema"] for each in operation["parameters"] if each["name"] == "format"), None)
    asked, told = _keywords(filters), _query(filters)
    star = f", *, {asked}" if asked else ""
    made = [f"    limit = {limit['maximum']}"] if "maximum" in limit else []
    made.append(
        f"    def all(self{star}) -> Iterator[{row}]:\n"
        f'        """Every row, page after page."""\n        return self._rows({told})'
    )
    if formats:
        also = f", {asked}" if asked else ""
        made.append(
            f"    def export(self, path: str | os.PathLike[str], format: {kind(formats)}, *, "
            f"updated_since: str | None = None{also}) -> str:\n"
            f'        """Writes every row to a file. The watermark, where there is one."""\n'
            f"        query = {told} | {{'format': format, 'updated_since': updated_since}}\n"
            f"        return self._export(path, query)"
        )
    if synced:
        also = f", *, {asked}" if asked else ""
        made.append(
            f"    def changes(self, since: str | datetime.datetime{also}) -> Changes[{row}]:\n"
            f'        """What has changed since a watermark or a moment, removals too."""\n'
            f"        return self._changes(since, {told})"
        )
        made.append(
            f"    def copy(self{star}) -> Copy[{row}]:\n"
            f'        """A copy that is kept up to date: see `Copy`."""\n'
            f"        return Copy(self, **{told})"
        )
    return made


def _call(called: str, address: str, method: str, operation: dict[str, Any]) -> str:
    parameters = operation.get("parameters", ())
    in_path = re.findall(r"{(\w+)}", address)
    query = [each for each in parameters if each["in"] == "query"]
    headers = [each for each in parameters if each["in"] == "header"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    needed = [each for each in (*headers, *query) if each.get("required")]
    optional = [each for each in (*headers, *query) if not each.get("required")]
    arguments = ["self", *(f"{variable(name)}: str" for name in in_path)]
    if body is not None:
        default = "" if operation["requestBody"].get("required") else " | None = None"
        arguments.append(f"body: {kind(body['schema'], 'models.')}{default}")
    if needed or optional:
        arguments += ["*", *filter(None, (_keywords(needed, needed=True), _keywords(optional)))]
    answer = _answer_of(operation)
    where = re.sub(r"{(\w+)}", lambda found: f"{{segment({variable(found[1])})}}", address)
    asked = ["self.connection.json(", f"            {method!r}, f{where!r}, {_query(query)},"]
    if headers:
        sent = ", ".join(f"{each['name']!r}: {_header(each)}" for each in headers)
        asked.append(f"            headers={{{sent}}},")
    if body is not None:
        asked.append("            body=body,")
    told = "\n".join([*asked, "        )"])
    returns = told if answer == "None" else f"cast({answer!r}, {told})"
    says = operation.get("description") or operation.get("summary", "")
    return (
        f"    def {called}({', '.join(arguments)}) -> {answer}:\n{_docstring(says, 8)}\n"
        f"        {'return ' if answer != 'None' else ''}{returns}"
    )


def _answer_of(operation: dict[str, Any]) -> str:
    for status, answer in sorted(operation["responses"].items()):
        if status.startswith("2"):
            told = answer.get("content", {}).get("application/json")
            return kind(told["schema"], "models.") if told else "None"
    return "Any"


def _header(parameter: dict[str, Any]) -> str:
    name = variable(parameter["name"])
    return f"{name} or new_key()" if parameter["name"] == "Idempotency-Key" else name


def _keywords(parameters: list[dict[str, Any]], *, needed: bool = False) -> str:
    written = []
    for each in parameters:
        of = kind(each["schema"])
        if each["schema"].get("format") in ("date", "date-time"):
            of = "str | datetime.date"
        new = each["name"] == "Idempotency-Key"
        written.append(f"{variable(each['name'])}: {of}" if needed and not new else
                       f"{variable(each['name'])}: {of} | None = None")  # fmt: skip
    return ", ".join(written)


def _query(parameters: list[dict[str, Any]]) -> str:
    return "{" + ", ".join(f"{each['name']!r}: {variable(each['name'])}" for each in parameters) + "}"


def _docstring(says: str, indent: int) -> str:
    room = " " * indent
    words = says.replace("\\", "\\\\").replace('"""', "'''").split()
    lines = ['"""']
    for word in words:
        if len(lines[-1]) + len(word) > LINE - indent:
            lines.append("")
        lines[-1] += word if lines[-1] in ("", '"""') else f" {word}"
    return "\n".join(room + line for line in lines) + '"""'


def variable(name: str) -> str:
    plain = re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def class_name(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"\W|_", name)) + "List"


def _init(described: dict[str, Any]) -> str:
    version = described["info"]["version"]
    return (
        f'"""{USE}"""\n\nfrom . import models\nfrom .calls import Client\n'
        "from .runtime import Changes, Connection, Copy, Problem\n\n"
        f'__version__ = "{version}"\n'
        '__all__ = ["Changes", "Client", "Connection", "Copy", "Problem", "models"]\n'
    )
