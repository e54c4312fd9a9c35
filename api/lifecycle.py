"""How long what the API promises stays: what is going away is named here once, and the description, every answer that
it concerns and the page of changes say so.

`Deprecation` (RFC 9745) says from when something should no longer be built on, and a `Link` where to read about it.
`Sunset` (RFC 8594) says when an address stops answering: it is sent for an address alone, as for a field or parameter
the address itself stays, and the date stands in the description as `x-sunset`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.http import http_date
from rest_framework.request import Request

NOTICE = timedelta(days=365)  # from the announcement to the day it is gone, at least
TOLD_AT = "/api/v1/docs/changes/"


@dataclass(frozen=True)
class Leaving:
    """Something that goes on `ends_on`: a resource's addresses, or one `field` of its rows, or one `parameter` of its
    list. `instead`: a sentence that says what to use."""

    resource: str
    announced_on: date
    ends_on: date
    instead: str
    field: str = ""
    parameter: str = ""

    @property
    def anchor(self) -> str:
        return "-".join(filter(None, ("leaving", self.resource, self.field or self.parameter)))

    @property
    def what(self) -> str:
        of = f"/api/v1/{self.resource}/"
        if self.field:
            return f"the field {self.field} of {of}"
        return f"the parameter {self.parameter} of {of}" if self.parameter else of


LEAVING: tuple[Leaving, ...] = ()


def told_by_lifecycle(described: dict[str, Any]) -> None:
    """Marks in the description what is going away."""
    for leaving in LEAVING:
        for part in parts_of(described, leaving):
            words = f"Goes on {leaving.ends_on}. {leaving.instead}"
            part |= {"deprecated": True, "x-sunset": leaving.ends_on.isoformat()}
            part["description"] = " ".join(filter(None, (part.get("description", ""), words)))


def parts_of(described: dict[str, Any], leaving: Leaving) -> list[dict[str, Any]]:
    """What of the description is going away; nothing where no such thing is described."""
    operations = [
        operation
        for operations in described["paths"].values()
        for operation in operations.values()
        if operation["tags"] == [leaving.resource]
    ]
    if leaving.parameter:
        parameters = [each for operation in operations for each in operation.get("parameters", ())]
        return [each for each in parameters if each["name"] == leaving.parameter]
    if not leaving.field:
        return operations
    components = described["components"]["schemas"]
    rows = [row_component(operation, components) for operation in operations]
    found = {name: components[name]["properties"] for name in rows if name}
    return [fields[leaving.field] for fields in found.values() if leaving.field in fields]


def row_component(operation: dict[str, Any], components: dict[str, Any]) -> str:
    """The name of the component that tells a row of the list; empty for an operation that is no list."""
    told = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    page = components.get(told.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
    if not {"results", "next"} <= set(page):
        return ""
    row = page["results"]["items"]["$ref"].rpartition("/")[2]
    either = components[row].get("oneOf")
    return either[0]["$ref"].rpartition("/")[2] if either else row


def notices(request: Request, resource: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the headers of an answer of the resource. A parameter's are sent to whoever uses it."""
    told = [
        each
        for each in LEAVING
        if each.resource == resource and (not each.parameter or each.parameter in request.query_params)
    ]
    if not told:
        return
    yield "Deprecation", f"@{_epoch(min(each.announced_on for each in told))}"
    ends = [each.ends_on for each in told if not each.field and not each.parameter]
    if ends:
        yield "Sunset", http_date(_epoch(min(ends)))
    addresses = (request.build_absolute_uri(f"{TOLD_AT}#{each.anchor}") for each in told)
    yield "Link", ", ".join(f'<{address}>; rel="deprecation"; type="text/html"' for address in addresses)


def faults(described: dict[str, Any]) -> list[str]:
    """What is wrong with the list of what is going away."""
    wrong = [f"{each.what} is going away, and is not described" for each in LEAVING if not parts_of(described, each)]
    return wrong + [
        f"{each.what}: {(each.ends_on - each.announced_on).days} days' notice, and {NOTICE.days} are promised"
        for each in LEAVING
        if each.ends_on - each.announced_on < NOTICE
    ]


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
