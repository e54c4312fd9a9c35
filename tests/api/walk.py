"""Every answer of the API for one caller: what the permission and isolation tests look through."""

import json

from api.resources import Resource
from api.urls import RESOURCES

V1 = "/api/v1"


def pages(client, address, headers=None):
    """The bodies of a list from its first page to its last."""
    while address:
        response = client.get(address, headers=headers)
        assert response.status_code == 200, response.content
        body = json.loads(response.content)
        yield body
        address = body["next"]


def rows(client, address, headers=None):
    return [row for page in pages(client, address, headers) for row in page["results"]]


def whole(response):
    """A stream's bytes."""
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def apply(held, told):
    """Brings a copy (id -> row) up to date with what a walk or a delta told, by the rules of the documentation."""
    for row in told:
        if not row.get("deleted"):
            held[row["id"]] = row
        elif row["removes"] == "framework":
            for key in [key for key, kept in held.items() if kept["framework"] == row["id"]]:
                del held[key]
        else:
            held.pop(row["id"], None)


def every_answer(client, headers=None):
    """{address: body} of each resource that the caller may read: its pages, csv, ndjson, every single row, and the
    delta since the beginning. A refusal's body is there too."""
    told = {}
    for resource in RESOURCES:
        address = f"{V1}/{resource.name}/"
        first = client.get(address, headers=headers)
        told[address] = first.content
        if first.status_code != 200:
            continue
        found = rows(client, f"{address}?limit=1000", headers)
        told[f"{address}?limit=1000"] = json.dumps(found).encode()
        for kind in ("csv", "ndjson"):
            told[f"{address}?format={kind}"] = whole(client.get(f"{address}?format={kind}", headers=headers))
        since = f"{address}?updated_since=1"
        told[since] = client.get(since, headers=headers).content
        for row in found if isinstance(resource, Resource) else ():
            told[f"{address}{row['id']}/"] = client.get(f"{address}{row['id']}/", headers=headers).content
    return told
